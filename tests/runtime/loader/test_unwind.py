"""Call stacks are found from the tables of a module: those of the kernel's build and those of the compiler agree."""

import pytest

from runtime.loader.cfi import cfi_rules
from runtime.loader.unwind import (
    AT_ENTRY,
    BP,
    BP_INDIRECT,
    CALL,
    END,
    PREV_SP,
    R10,
    SLOW,
    SP,
    SP_INDIRECT,
    UNDEFINED,
    Frame,
    Rules,
    Steps,
    module_rules,
    orc_rules,
    walk,
)

TEXT = 0xFFFFFFFFC0000000
STACK = 0xFFFFC90000004000


@pytest.fixture
def rules(sample):
    loading, module = sample
    return module_rules(module, loading._bytes_at)


def stack(words: dict[int, int]):
    """Read a stack, given as distance in words from STACK."""

    def read(virt: int) -> int:
        return words[(virt - STACK) // 8]

    return read


def test_both_tables_of_a_real_module_give_the_same_rule_for_every_byte(sample, rules):
    _, module = sample
    compiler, seen = cfi_rules(module.elf, module.code_virt), set()
    for index, virt in module.section_virts.items():
        section = module.elf.sections[index]
        if section.flags & 4 and ".text" in section.name:
            for at in range(virt, virt + section.size):
                assert rules.find(at) == (*compiler.find(at)[:5], rules.find(at)[5])
                seen.add(rules.find(at)[0])
    assert {SP, BP} <= seen


def test_at_the_first_instruction_of_a_function_the_caller_is_on_top_of_the_stack(sample, rules):
    _, module = sample
    for name in ("sum", "variable", "realigned", "early", "sample_init", "sample_exit"):
        assert rules.find(module.kallsyms.address(name)) == AT_ENTRY


def test_between_and_around_functions_there_is_no_rule(sample, rules):
    _, module = sample
    assert rules.find(TEXT - 1) == END
    assert rules.find(0) == END
    assert rules.find(module.virt)[0] == UNDEFINED


def test_a_step_is_looked_up_by_the_call_and_not_by_what_follows_it():
    # a call at the end of a function with a frame of 24 bytes; another function begins right behind it
    steps = Steps(Rules([TEXT, TEXT + 0x20], [(SP, 24, UNDEFINED, 0, CALL, False), AT_ENTRY]).find)
    assert steps[TEXT + 0x20] == 24
    assert steps[TEXT + 0x21] == 8


def test_steps_end_where_there_is_no_rule_and_are_slow_where_a_register_is_needed():
    rules = Rules([TEXT, TEXT + 16, TEXT + 32], [(BP, 16, PREV_SP, -16, CALL, False), (SP, 8, 0, 0, 1, False), END])
    steps = Steps(rules.find)
    assert [steps[TEXT + n] for n in (1, 17, 33, -5)] == [SLOW, SLOW, 0, 0]
    assert len(steps) == 4


def test_a_walk_follows_stack_pointer_rules():
    a, b = TEXT + 0x10, TEXT + 0x110
    rules = Rules([TEXT, TEXT + 0x100, TEXT + 0x200], [(SP, 32, 0, 0, CALL, False), (SP, 16, 0, 0, CALL, False), END])
    read = stack({0: a, 4: b, 6: 0x1234})
    entry = Frame(a - 1, STACK + 8, 0, True)
    assert walk(rules.find, read, entry) == [(b, STACK + 32), (0x1234, STACK + 48)]


def test_fast_steps_and_the_walk_agree():
    rules = Rules([TEXT, TEXT + 0x100, TEXT + 0x200], [(SP, 32, 0, 0, CALL, False), (SP, 16, 0, 0, CALL, False), END])
    words = {0: TEXT + 0x10, 4: TEXT + 0x110, 6: TEXT + 0x20, 10: 0}
    steps, slot, fast = Steps(rules.find), 0, []
    while step := steps[words[slot]]:
        fast.append(words[slot])
        slot += step // 8
    slow = walk(rules.find, stack(words), Frame(TEXT + 0x10, STACK + 8, 0, False))
    assert fast == [TEXT + 0x10, *(ip for ip, _ in slow[:-1])]


def test_rbp_is_restored_on_the_way_for_the_frame_that_needs_it():
    inner = (SP, 24, PREV_SP, -16, CALL, False)  # saved rbp lies below the return address
    outer = (BP, 16, PREV_SP, -16, CALL, False)
    rules = Rules([TEXT, TEXT + 0x100, TEXT + 0x200], [inner, outer, END])
    read = stack({1: STACK + 80, 2: TEXT + 0x150, 10: 0x77, 11: 0x9999})
    frames = walk(rules.find, read, Frame(TEXT + 4, STACK, 0xDEAD, True))
    assert frames == [(TEXT + 0x150, STACK + 16), (0x9999, STACK + 88)]


@pytest.mark.parametrize(
    ("rule", "frame", "slot"),
    [
        ((BP_INDIRECT, -8, UNDEFINED, 0, CALL, False), Frame(TEXT, STACK, STACK + 16, True), 4),
        ((SP_INDIRECT, 8, UNDEFINED, 0, CALL, False), Frame(TEXT, STACK + 8, 0, True), 5),
        ((R10, 0, UNDEFINED, 0, CALL, False), Frame(TEXT, STACK, 0, True, (0, 0, STACK + 40, 0)), 4),
    ],
)
def test_a_realigned_stack_is_found_through_memory_or_a_register(rule, frame, slot):
    read = stack({1: STACK + 40, 4: 0xAAA, 5: 0xBBB})
    assert walk(Rules([TEXT], [rule]).find, read, frame)[0][1] == STACK + 8 * slot


def test_no_frame_is_invented():
    rules = Rules([TEXT], [(SP, 16, UNDEFINED, 0, CALL, False)])
    unknown_register = Rules([TEXT], [(R10, 0, UNDEFINED, 0, CALL, False)])
    backwards = Rules([TEXT], [(BP, 16, UNDEFINED, 0, CALL, False)])
    frame = Frame(TEXT, STACK, 0, True)
    assert walk(rules.find, stack({}), frame) == []
    assert walk(unknown_register.find, stack({}), frame) == []
    assert walk(backwards.find, stack({-1: TEXT}), Frame(TEXT, STACK, STACK - 64, True)) == []


def test_a_walk_ends_at_its_limit():
    rules = Rules([TEXT], [(SP, 8, UNDEFINED, 0, CALL, False)])
    assert len(walk(rules.find, lambda virt: TEXT + 5, Frame(TEXT + 5, STACK, 0, True), 10)) == 10


def test_a_terminator_gives_way_to_a_rule_for_the_same_address():
    ip = b"".join((at - 4 * i).to_bytes(4, "little", signed=True) for i, at in enumerate((0x100, 0x100, 0x180)))
    entries = bytes.fromhex("0800 0000 0500 0000 0000 0000 0000 0000 0000".replace(" ", ""))
    tables = {1 << 20: ip, 2 << 20: entries}
    rules = orc_rules(
        lambda virt, size: tables[virt][:size], {".orc_unwind_ip": (1 << 20, 12), ".orc_unwind": (2 << 20, 18)}
    )
    assert rules.find((1 << 20) + 0x100) == AT_ENTRY
    assert rules.find((1 << 20) + 0x180)[0] == UNDEFINED


def test_a_module_without_tables_has_no_rules(minimal, finish, load_bytes):
    loading, module = load_bytes(finish(minimal()))
    assert module_rules(module, loading._bytes_at).find(TEXT) == END
