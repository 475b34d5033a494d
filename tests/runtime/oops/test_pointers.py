"""What a bad pointer is called."""

import pytest

from runtime.oops import pointers


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (0, "NULL"),
        (0x18, "NULL + 0x18"),
        (16, "ZERO_SIZE_PTR (what kmalloc(0) gives)"),
        (-12 & 2**64 - 1, "ERR_PTR(-ENOMEM)"),
        (-517 & 2**64 - 1, "ERR_PTR(-EPROBE_DEFER)"),
        (-4000 & 2**64 - 1, "ERR_PTR(-4000)"),
        (0xDEAD000000000100, "LIST_POISON1 (an entry that was taken out of its list)"),
        (0xDEAD000000000108, "LIST_POISON1 (an entry that was taken out of its list) + 0x8"),
        (0xDEAD000000000122, "LIST_POISON2 (an entry that was taken out of its list)"),
        (0x6B6B6B6B6B6B6B6B, "0x6b6b6b6b6b6b6b6b, the fill of freed slab memory (POISON_FREE)"),
        (0x6B6B6B6B6B6B6B83, "0x6b6b6b6b6b6b6b6b, the fill of freed slab memory (POISON_FREE) + 0x18"),
        (0x10000000, "0x10000000, a user address"),
        (0x1234567890ABCDEF, "0x1234567890abcdef, not an address (non-canonical)"),
        (0xFFFFC90000200000, "0xffffc90000200000, in vmalloc space (freed, or a guard page)"),
        (0xFFFFFFFFC0300000, "0xffffffffc0300000, in module space"),
        (0xFFFFF00000000000, "0xfffff00000000000, an address that nothing is mapped at"),
    ],
)
def test_an_address_is_named_by_its_value(address: int, text: str) -> None:
    assert pointers.describe(address) == text


def test_a_member_of_a_special_pointer_is_named_by_the_pointer() -> None:
    assert pointers.describe(0xC, base=-12 & 2**64 - 1) == "ERR_PTR(-ENOMEM) + 0x18"
    assert pointers.describe(0x18, base=16) == "ZERO_SIZE_PTR (what kmalloc(0) gives) + 0x8"
    assert pointers.describe(0x18, base=0) == "NULL + 0x18"


def test_a_base_that_is_nothing_special_or_far_away_does_not_matter() -> None:
    assert pointers.describe(0x18, base=0x8) == "NULL + 0x18"
    assert pointers.describe(0x10000000, base=0) == "0x10000000, a user address"
