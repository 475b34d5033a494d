"""Each relocation is its formula; what does not fit is refused by section, offset and symbol."""

import struct
from errno import ENOEXEC

import pytest

from runtime.loader.refused import Refused
from runtime.loader.relocations import RELS, Target, relocate, signed

PLACE = 0xFFFFFFFFC0001000
SYMBOLS = [("", 0, 0, 0, 0, 0), ("target", 0, 0, 1, 0, 0), ("", 0, 0, 0, 3, 5)]


def patched(kind: int, value: int, addend: int = 0, offset: int = 8, image: bytearray | None = None) -> bytearray:
    image = bytearray(64) if image is None else image
    target = Target(".text", image, 16, 40, PLACE)
    relocate(target, [(offset, 1 << 32 | kind, addend)], [0, signed(value), 0], SYMBOLS, "mod")
    return image


def refusal(*args: object, **more: object) -> Refused:
    with pytest.raises(Refused) as caught:
        patched(*args, **more)  # type: ignore[arg-type]
    assert caught.value.errno == ENOEXEC
    return caught.value


@pytest.mark.parametrize(
    ("kind", "value", "addend", "field", "result"),
    [
        (1, 0xFFFFFFFF81000000, 8, "<Q", 0xFFFFFFFF81000008),
        (1, 0x1F000, -8, "<Q", 0x1EFF8),
        (2, 0xFFFFFFFF81000000, -4, "<i", 0xFFFFFFFF81000000 - 4 - PLACE - 8),
        (2, 0x1F000, -4, "<i", 0x1F000 - 4 - (PLACE + 8 - (1 << 64))),
        (4, PLACE + 0x100, -4, "<i", 0xF4),
        (10, 0x1234, 4, "<I", 0x1238),
        (11, 0xFFFFFFFFC0002000, 4, "<i", 0xC0002004 - (1 << 32)),
        (24, 0xFFFF888000000000, 0, "<q", 0xFFFF888000000000 - PLACE - 8),
    ],
)
def test_each_type_stores_the_value_of_its_formula(kind, value, addend, field, result):
    image = patched(kind, value, addend)
    assert struct.unpack_from(field, image, 24)[0] == result
    size = struct.calcsize(field)
    assert image[:24] == bytes(24)
    assert image[24 + size :] == bytes(64 - 24 - size)


def test_none_does_nothing_even_at_the_end_of_the_section():
    assert patched(0, 1, offset=40) == bytes(64)


@pytest.mark.parametrize("kind", sorted(RELS))
def test_a_place_that_is_not_zero_is_refused_with_the_line_of_linux(kind):
    error = refusal(kind, 0xFFFFFFFFC0002000, image=bytearray(b"\1" * 64))
    assert "section .text+0x8, symbol target" in error.strerror
    [(level, line)] = error.log
    assert level == 3
    assert line.startswith(
        f"module: x86/modules: Skipping invalid relocation target, existing value is nonzero for type {kind}, loc "
    )


@pytest.mark.parametrize(
    ("kind", "value", "logged"),
    [(10, 0xFFFFFFFF81000000, True), (11, 0x80000000, True), (2, 0x10_0000_0000, False), (4, 0x10_0000_0000, False)],
)
def test_a_result_that_does_not_fit_is_refused_and_never_cut(kind, value, logged):
    error = refusal(kind, value)
    assert "section .text+0x8, symbol target" in error.strerror
    assert "overflow" in error.strerror
    lines = (
        (3, f"module: overflow in relocation type {kind} val {value:x}"),
        (3, "module: `mod' likely not compiled with -mcmodel=kernel"),
    )
    assert error.log == (lines if logged else ())


def test_an_unknown_type_is_refused_with_the_line_of_linux():
    error = refusal(9, 1)
    assert error.strerror == "section .text+0x8: unknown relocation type 9"
    assert error.log == ((3, "module: mod: Unknown rela relocation: 9"),)


@pytest.mark.parametrize(("kind", "offset"), [(1, 33), (2, 37), (1, 40), (2, 1 << 63)])
def test_a_place_outside_of_the_section_is_refused(kind, offset):
    assert "outside of the section, which has 0x28 bytes" in refusal(kind, 1, offset=offset).strerror


def test_a_symbol_that_is_not_there_is_refused():
    with pytest.raises(Refused, match="names symbol 7, the module has 3"):
        relocate(Target(".text", bytearray(64), 0, 64, PLACE), [(0, 7 << 32 | 1, 0)], [0, 0, 0], SYMBOLS, "mod")


def test_the_symbol_of_a_section_is_named_by_its_section():
    with pytest.raises(Refused, match="symbol of section 5"):
        relocate(Target(".text", bytearray(64), 0, 64, PLACE), [(0, 2 << 32 | 10, -1)], [0, 0, 0], SYMBOLS, "mod")
