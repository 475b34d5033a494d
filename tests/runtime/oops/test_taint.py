"""Taint as text."""

import pytest

from runtime.oops import taint


def test_a_clean_kernel_is_not_tainted() -> None:
    assert taint.text(0) == "Not tainted"


def test_each_letter_has_its_place_and_g_stands_where_no_proprietary_module_is() -> None:
    own = 1 << taint.OOT_MODULE | 1 << taint.UNSIGNED_MODULE
    assert taint.text(own) == "Tainted: G           OE     "
    assert taint.text(own | 1 << taint.DIE | 1 << taint.WARN) == "Tainted: G      D W  OE     "
    assert taint.text(own | 1 << taint.PROPRIETARY_MODULE | 1 << taint.BAD_PAGE) == "Tainted: P    B      OE     "


@pytest.mark.parametrize(
    ("mask", "state", "text"),
    [
        (0x3000, taint.COMING, "(OE+)"),
        (0x3000, taint.LIVE, "(OE)"),
        (0x3001, taint.GOING, "(POE-)"),
        (0, taint.LIVE, ""),
        (0, taint.COMING, "(+)"),
    ],
)
def test_the_flags_of_a_module(mask: int, state: str, text: str) -> None:
    assert taint.module_flags(mask, state) == text
