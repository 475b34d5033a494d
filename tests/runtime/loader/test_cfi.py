"""Rules are read from .debug_frame, which is all that a build without the kernel's own tools has."""

import struct

from runtime.loader.cfi import cfi_rules
from runtime.loader.elf import Elf
from runtime.loader.unwind import BP, BP_INDIRECT, CALL, END, PREV_SP, SP, SP_INDIRECT, UNDEFINED

ALLOC, EXEC = 2, 4
TEXT = 0xFFFFFFFFC0000000
CIE = bytes.fromhex(
    "01 00 01 78 10 0c0708 9001"
)  # version 1, code 1, data -8, CFA = rsp + 8, return address at CFA - 8


def frames(maker, program: str, cie: bytes = CIE, length: int = 64):
    """The rules of one function that begins at TEXT + 16."""
    text = maker.section(".text", ALLOC | EXEC, bytes(128), align=16)
    head = struct.pack("<II", 4 + len(cie), 0xFFFFFFFF) + cie
    body = bytes(12) + struct.pack("<Q", length) + bytes.fromhex(program)
    debug = maker.section(".debug_frame", 0, head + struct.pack("<I", len(body)) + body, align=8)
    maker.rela(debug, len(head) + 4, 10, maker.symbol("", debug, kind=3))
    maker.rela(debug, len(head) + 8, 1, maker.symbol("", text, kind=3), 16)
    maker.tables()
    rules = cfi_rules(Elf(maker.bytes()), lambda index, offset: TEXT + offset if index == text else None)
    return lambda offset: rules.find(TEXT + 16 + offset)


def sp(offset: int, saved: tuple[int, int] = (UNDEFINED, 0)):
    return (SP, offset, *saved, CALL, False)


def test_a_function_begins_with_the_rule_of_its_common_entry(maker):
    at = frames(maker, "")
    assert (at(-1), at(0), at(63), at(64)) == (END, sp(8), sp(8), END)


def test_a_push_moves_the_frame_and_saves_rbp(maker):
    # advance 1; def_cfa_offset 16; offset rbp at CFA - 16; advance 3; def_cfa_register rbp
    at = frames(maker, "41 0e10 8602 43 0d06")
    assert at(0) == sp(8)
    assert at(1) == at(3) == sp(16, (PREV_SP, -16))
    assert at(4) == (BP, 16, PREV_SP, -16, CALL, False)


def test_the_state_is_remembered_over_an_early_return(maker):
    at = frames(maker, "41 0e20 0a 44 0e08 c6 41 0b")
    assert [at(n)[1] for n in (0, 1, 5, 6)] == [8, 32, 8, 32]


def test_long_advances(maker):
    at = frames(maker, "02 10 0e10 03 0500 0e18 04 02000000 0e20")
    assert [at(n)[1] for n in (15, 16, 20, 21, 22, 23)] == [8, 16, 16, 24, 24, 32]


def test_a_word_on_the_stack_may_hold_the_frame(maker):
    at = frames(maker, "41 0f 03 767806 42 0f 03 770006 41 0c 0630 41 10 06 02 7600")
    assert at(1)[:2] == (BP_INDIRECT, -8)
    assert at(3)[:2] == (SP_INDIRECT, 0)
    assert at(4)[:4] == (BP, 48, UNDEFINED, 0)
    assert at(5)[2:4] == (BP, 0)


def test_an_expression_of_another_kind_has_no_rule(maker):
    at = frames(maker, "41 0f 02 3006")
    assert at(1) == END


def test_a_damaged_entry_leaves_its_function_without_rules(maker):
    at = frames(maker, "41 0e10 3f3f3f")
    assert at(0) == at(1) == END


def test_registers_other_than_rbp_are_passed_over(maker):
    at = frames(maker, "8302 05 0c 04 11 0f 7e 2e 10 08 0c 07 06 41 0e10")
    assert (at(0), at(1)) == (sp(8), sp(16))


def test_a_file_without_the_section_has_no_rules(maker):
    maker.tables()
    assert cfi_rules(Elf(maker.bytes()), lambda index, offset: 0) is None
