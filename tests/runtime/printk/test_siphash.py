"""SipHash against the vector of its authors."""

from runtime.printk.pointer import hash_pointer
from runtime.printk.siphash import siphash_1u64
from tests.runtime.printk.guest import KEY


def test_eight_bytes_hash_as_in_the_paper() -> None:
    # Key 00..0f, input 00..07: row 8 of the vectors published with the algorithm.
    assert siphash_1u64(0x0706050403020100, KEY) == 0x93F5F5799A932462


def test_a_pointer_is_hidden_behind_32_bits() -> None:
    assert hash_pointer(0x0706050403020100, KEY) == 0x9A932462


def test_null_and_error_pointers_are_not_hidden() -> None:
    for pointer in (0, (1 << 64) - 1, (1 << 64) - 4095):
        assert hash_pointer(pointer, KEY) == pointer
    assert hash_pointer((1 << 64) - 4096, KEY) < 1 << 32
