"""Sizes as people write them, and rounding."""

import pytest

from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, GiB, KiB, MiB, align, page_align, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("256M", 256 * MiB),
        ("64 GiB", 64 * GiB),
        ("4096", 4096),
        ("0x1000", 4096),
        ("1k", KiB),
        ("2TB", 2048 * GiB),
        (" 3 MB ", 3 * MiB),
        ("0", 0),
    ],
)
def test_a_size_is_read_in_every_usual_form(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "12 apples", "-1", "-4k", "1.5G", "1MM", "G1"])
def test_anything_else_is_not_a_size(text: str) -> None:
    with pytest.raises(ValueError):
        parse_size(text)


def test_a_page_is_what_shift_and_mask_say() -> None:
    assert PAGE_SIZE == 1 << PAGE_SHIFT == PAGE_MASK + 1 == 4 * KiB


def test_rounding_up_never_adds_a_whole_unit() -> None:
    assert [page_align(size) for size in (0, 1, 4095, 4096, 4097)] == [0, 4096, 4096, 4096, 8192]
    assert [align(value, 16) for value in (0, 1, 15, 16, 17)] == [0, 16, 16, 16, 32]
