"""Conditional jumps, where they lead, and which of them look at what a call has returned."""

import pytest

from runtime.loader.elf import Elf
from runtime.loader.jumps import Check, Code, is_conditional

ALLOC, EXEC, PC32, PLT32 = 2, 4, 2, 4
CALL = "e800000000"


def code_of(maker, text: str, relas=(), cold: str = "") -> Code:
    """Decode a text section in hex. relas: (offset, symbol, addend); symbols: kmalloc, .text, cold."""
    index = maker.section(".text", ALLOC | EXEC, bytes.fromhex(text), align=16)
    other = maker.section(".text.unlikely", ALLOC | EXEC, bytes.fromhex(cold)) if cold else index
    symbols = {"kmalloc": maker.symbol("kmalloc"), ".text": maker.symbol("", index, kind=3),
               "cold": maker.symbol("cold", other, 1)}
    for offset, symbol, addend in relas:
        maker.rela(index, offset, PLT32, symbols[symbol], addend)
    maker.tables()
    return Code(Elf(maker.bytes()))


def test_a_jump_leads_to_its_target_and_falls_through_to_what_follows(maker):
    code = code_of(maker, "85ff 7401 90 0f85fcffffff eb00 c3")  # test; je +1; nop; jne itself+2; jmp; ret
    assert [(jump.at, jump.end, jump.target) for jump in code.jumps] == [
        ((1, 2), (1, 4), (1, 5)), ((1, 5), (1, 11), (1, 7)),
    ]  # fmt: skip


def test_a_jump_to_another_section_leads_to_its_symbol(maker):
    (jump,) = code_of(maker, "0f8400000000 c3", [(2, "cold", -4)], cold="90 c3").jumps
    assert jump.target == (2, 1)


def test_a_jump_to_the_kernel_leads_nowhere_in_the_module(maker):
    (jump,) = code_of(maker, "0f8400000000 c3", [(2, "kmalloc", -4)]).jumps
    assert jump.target is None


@pytest.mark.parametrize("mnemonic", ["je", "jne", "js", "jrcxz", "loop", "loopne"])
def test_conditional_jumps_are_told_from_others(mnemonic):
    assert is_conditional(mnemonic)
    assert not any(map(is_conditional, ("jmp", "call", "ret", "mov", "lea")))


CHECKS = [
    ("4885c0 7401", "null", True),  # test %rax,%rax; je
    ("4885c0 7501", "null", False),  # jne
    ("4889c3 4885db 7401", "null", True),  # mov %rax,%rbx; test %rbx,%rbx
    ("4885c0 b8f4ffffff 7401", "null", True),  # test; mov $-12,%eax; je
    ("85c0 7501", "errno", True),  # test %eax,%eax; jne
    ("85c0 7401", "errno", False),
    ("85c0 7801", "negative", True),  # js
    ("89c3 85c0 7901", "negative", False),  # mov %eax,%ebx; test %eax,%eax; jns
    ("483d00f0ffff 7701", "error pointer", True),  # cmp $-4096,%rax; ja
    ("4889c3 4881fb00f0ffff 7601", "error pointer", False),  # mov %rax,%rbx; cmp $-4096,%rbx; jbe
]


@pytest.mark.parametrize(("text", "how", "jumps"), CHECKS)
def test_a_jump_on_what_a_call_returned_says_where_the_failure_leads(maker, text, how, jumps):
    (jump,) = code_of(maker, CALL + text + "90 c3", [(1, "kmalloc", -4)]).jumps
    assert jump.check == Check((1, 0), "kmalloc", how, jump.target if jumps else jump.end)


@pytest.mark.parametrize(
    "text",
    [
        "4885db 7401",  # test %rbx,%rbx: not what was returned
        "b800000000 4885c0 7401",  # mov $0,%eax in between
        "48ffc0 4885c0 7401",  # inc %rax in between
        "84c0 7401",  # test %al,%al: a truth value
        "4885c0 7f01",  # jg: neither NULL nor an error
        "4883f805 7401",  # cmp $5,%rax
        "31c0 7401",  # flags of something else
        "4885d8 7401",  # test %rbx,%rax
        "4885c0 48ffc3 7401",  # flags of something later
    ],
)
def test_a_jump_on_anything_else_is_no_check(maker, text):
    (jump,) = code_of(maker, CALL + text + "90 c3", [(1, "kmalloc", -4)]).jumps
    assert jump.check is None


def test_a_call_of_the_module_itself_has_no_name(maker):
    (jump,) = code_of(maker, CALL + "4885c0 7401 90 c3", [(1, ".text", 8)]).jumps
    assert jump.check is not None and jump.check.name == ""


def test_the_guard_of_the_stack_is_no_branch(maker):
    maker.symbol("nothing")
    guard = maker.symbol("__stack_chk_fail")
    index = maker.section(".text", ALLOC | EXEC, bytes.fromhex("85ff 7400 85ff 7405" + CALL + "c3"))
    maker.rela(index, 9, PLT32, guard, -4)
    maker.tables()
    assert [jump.at for jump in Code(Elf(maker.bytes())).jumps] == [(1, 2)]


def test_straight_code_ends_where_it_leads_elsewhere(maker):
    code = code_of(maker, "90 90 " + CALL + "90 7400 90 c3")
    assert code.straight((1, 1)) == [1, 2, 7, 8]
    assert code.straight((1, 10)) == [10, 11]
    assert code.straight((9, 0)) == []


ALONE = "85ff 7404 85ff 7500 b801000000 c3"  # 0 test; 2 je 8; 4 test; 6 jne 8; 8 mov $1,%eax; 13 ret


def test_code_that_two_jumps_lead_to_belongs_to_both(maker):
    assert not code_of(maker, ALONE).alone((1, 8))


def test_code_that_one_jump_decides_on_is_alone(maker):
    code = code_of(maker, "85ff 7503 31c0 c3 b801000000 c3")
    assert code.alone((1, 7)) and code.alone((1, 4))
    assert not code.alone((1, 0)) and not code.alone((1, 5)) and not code.alone((1, 12))


def test_code_before_another_decision_may_have_been_moved_there(maker):
    assert not code_of(maker, "85ff 7503 31c0 c3 b801000000 7400 c3").alone((1, 7))


def test_code_that_others_join_is_alone_up_to_there(maker):
    text = "85ff 7504 31c0 eb05 b801000000 85c0 7400 c3"  # jne 8; xor; jmp 13; 8 mov; 13 test; 15 je 17
    assert code_of(maker, text).alone((1, 8))


def test_bytes_that_are_no_instruction_are_passed_over(maker):
    (jump,) = code_of(maker, "0606 85ff 7400 c3").jumps
    assert jump.at == (1, 4)
