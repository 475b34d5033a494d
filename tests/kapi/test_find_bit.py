"""Searches in bitmaps against lists of bits."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kapi import find_bit
from runtime.arch import x86_64 as arch
from runtime.cpu.traps import ctype_of
from runtime.errors import GuestFault
from runtime.units import PAGE_SIZE
from tests.runtime.tiny import Space

FIRST = arch.VMALLOC_START
SECOND = FIRST + PAGE_SIZE // 2
SPACE = Space()
SPACE.tables.map_page(FIRST, 0x5000, arch.KERNEL)
K: Any = SimpleNamespace(mem=SPACE.mem)
SIZES = st.sampled_from([0, 1, 63, 64, 65, 127, 128, 200])
ONE_BIT = st.builds(lambda bit: 1 << bit, st.integers(0, 255))
WORDS = st.sampled_from([0, (1 << 256) - 1]) | st.integers(0, (1 << 256) - 1) | ONE_BIT


@given(WORDS, WORDS, SIZES, st.integers(0, 210))
@settings(max_examples=200, deadline=None)
def test_every_search_finds_what_a_look_at_each_bit_finds(one: int, two: int, size: int, start: int) -> None:
    SPACE.mem.write(FIRST, one.to_bytes(32, "little"))
    SPACE.mem.write(SECOND, two.to_bytes(32, "little"))
    first = [bool(one >> bit & 1) for bit in range(size)]
    second = [bool(two >> bit & 1) for bit in range(size)]

    def search(found: list[bool], begin: int = 0) -> int:
        return next((bit for bit in range(begin, size) if found[bit]), size)

    both = [a and b for a, b in zip(first, second, strict=True)]
    only = [a and not b for a, b in zip(first, second, strict=True)]
    clear = [not bit for bit in first]
    assert find_bit._find_first_bit(K, FIRST, size) == search(first)
    assert find_bit._find_first_zero_bit(K, FIRST, size) == search(clear)
    assert find_bit._find_first_and_bit(K, FIRST, SECOND, size) == search(both)
    assert find_bit._find_next_bit(K, FIRST, size, start) == search(first, start)
    assert find_bit._find_next_zero_bit(K, FIRST, size, start) == search(clear, start)
    assert find_bit._find_next_and_bit(K, FIRST, SECOND, size, start) == search(both, start)
    assert find_bit._find_next_andnot_bit(K, FIRST, SECOND, size, start) == search(only, start)
    assert find_bit._find_last_bit(K, FIRST, size) == max((bit for bit in range(size) if first[bit]), default=size)
    assert find_bit.__dict__["__bitmap_weight"](K, FIRST, size) == sum(first)


def test_a_bitmap_without_bits_is_not_looked_at() -> None:
    assert find_bit._find_first_bit(K, 0, 0) == 0
    assert find_bit._find_next_zero_bit(K, 0, 0, 5) == 0


def test_a_bad_pointer_is_a_fault() -> None:
    with pytest.raises(GuestFault):
        find_bit._find_first_bit(K, 0, 1)
    with pytest.raises(GuestFault) as caught:
        find_bit._find_first_zero_bit(K, FIRST + PAGE_SIZE - 8, 65)
    assert caught.value.address == FIRST + PAGE_SIZE


def test_the_number_of_bits_to_count_is_an_int() -> None:
    """The upper half of its register is whatever the caller left there."""
    hints = find_bit.__dict__["__bitmap_weight"].__annotations__
    sizes = [ctype_of(hints[name]) for name in ("nbits", "return")]
    assert [size is not None and size.size for size in sizes] == [4, 4]
