"""Integers: the template that Python renders, against the kernel's rules written out."""

import itertools

import pytest

from runtime.printk.conversion import integer, integer_render
from runtime.printk.number import FLAG, Spec

VALUES = (0, 1, 7, 8, 42, 0xBEEF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1)
SUBSETS = [sum(flags) for n in range(6) for flags in itertools.combinations(FLAG.values(), n)]


@pytest.mark.parametrize("letter", [b"d", b"i", b"u", b"o", b"x", b"X"])
@pytest.mark.parametrize("length", [b"", b"H", b"h", b"l", b"L", b"z", b"t"])
def test_the_template_agrees_with_number_for_all_flags(letter: bytes, length: bytes) -> None:
    general = integer_render(letter, length)
    for flags, width, precision, value in itertools.product(SUBSETS, (-1, 0, 3, 12), (-1, 0, 2, 9), VALUES):
        spec = Spec(flags, width, precision)
        piece, convert = integer(letter, length, spec)
        assert piece % convert([value].pop) == general(value, spec), (spec, value)


def test_what_modules_print_most_needs_no_function_of_ours() -> None:
    for letter in (b"d", b"u", b"x"):
        for spec in (Spec(), Spec(width=8), Spec(16, 8), Spec(precision=8)):
            assert integer(letter, b"", spec)[0] != b"%b"
