"""One processor: it stops where something happens, says what, and goes on from there."""

from collections.abc import Callable

import pytest
from unicorn.x86_const import UC_X86_REG_XMM1

from runtime.arch import x86_64 as arch
from runtime.cpu.engine import FAULT, STOPPED, SUSPECT, Stop
from runtime.units import PAGE_SIZE
from tests.runtime.tiny import CODE, DATA, DATA_PHYS, NON_CANONICAL, NOWHERE, SIZE, STUBS, TABLES, TOP, Tiny

Make = Callable[..., Tiny]
LOAD = "488b07 c3"  # mov (%rdi),%rax; ret
STORE = "488907 c3"  # mov %rax,(%rdi); ret
TRAP_FLAG = 1 << 8
OTHER_PHYS = 0x280000

# name: (code, registers, vector, rip, cr2 for a page fault)
EXCEPTIONS = {
    "divide error": ("31c9 f7f1", {}, arch.DIVIDE_ERROR, CODE + 2, None),  # xor %ecx,%ecx; div %ecx
    "int3": ("90 cc", {}, arch.BREAKPOINT, CODE + 2, None),
    "ud2": ("90 0f0b", {}, arch.INVALID_OPCODE, CODE + 1, None),
    "non-canonical load": (LOAD, {"rdi": NON_CANONICAL}, arch.GENERAL_PROTECTION, CODE, None),
    "absent page": (LOAD, {"rdi": NOWHERE}, arch.PAGE_FAULT, CODE, NOWHERE),
    "null": (LOAD, {"rdi": 8}, arch.PAGE_FAULT, CODE, 8),
    "store to code": (STORE, {"rdi": CODE + 64}, arch.PAGE_FAULT, CODE, CODE + 64),
    "jump to data": ("ffe0", {"rax": DATA}, arch.PAGE_FAULT, DATA, DATA),  # jmp *%rax
    "call of null": ("ffd0", {"rax": 0}, arch.PAGE_FAULT, 0, 0),  # call *%rax
    "call of an absent page": ("ffd0", {"rax": NOWHERE}, arch.PAGE_FAULT, NOWHERE, NOWHERE),
    "access across a border": (LOAD, {"rdi": DATA - 4}, arch.PAGE_FAULT, CODE, DATA - 4),
}
ERROR_CODES = {
    "absent page": 0,
    "store to code": arch.PF_PROT | arch.PF_WRITE,
    "jump to data": arch.PF_PROT | arch.PF_INSTR,
    "call of null": arch.PF_INSTR,
}


def test_a_run_ends_where_a_trap_asks_for_it(guest: Tiny) -> None:
    assert guest.run("48c7c005000000 c3") == Stop(STOPPED)  # mov $5,%rax; ret
    assert guest.get("rax") == 5 and guest.get("rip") == STUBS


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_is_reported_with_the_exact_rip(guest: Tiny, name: str) -> None:
    code, registers, vector, rip, cr2 = EXCEPTIONS[name]
    assert guest.run(code, **registers) == Stop(FAULT, vector)
    assert guest.get("rip") == rip
    assert cr2 is None or guest.engine.cr2 == cr2


@pytest.mark.parametrize("name", ERROR_CODES)
def test_a_page_fault_says_what_was_tried(guest: Tiny, way: str, name: str) -> None:
    code, registers, *_ = EXCEPTIONS[name]
    guest.run(code, **registers)
    assert guest.engine.error_code == (ERROR_CODES[name] if way == "fast" else 0)


def test_a_call_of_null_has_left_its_return_address(guest: Tiny) -> None:
    guest.run("ffd0", rax=0)
    assert guest.get("rsp") == TOP - 8 and guest.mem.u64(TOP - 8) == CODE + 2


@pytest.mark.parametrize("first", EXCEPTIONS)
def test_after_any_exception_three_page_faults_in_a_row_are_page_faults(guest: Tiny, first: str) -> None:
    code, registers, *_ = EXCEPTIONS[first]
    guest.run(code, **registers)
    for index in range(3):
        address = NOWHERE + index * PAGE_SIZE
        assert guest.run(LOAD, rdi=address) == Stop(FAULT, arch.PAGE_FAULT)
        assert guest.engine.cr2 == address and guest.get("rip") == CODE


def test_registers_and_flags_survive_an_exception(guest: Tiny) -> None:
    values = {name: 0x1111_0000_0000 * (index + 1) for index, name in enumerate(arch.REGISTERS[:16]) if name != "rsp"}
    # std; movq %rax,%xmm3; stc; mov (%rdi),%rax
    guest.run("fd 66480f6ed8 f9 488b07", **{**values, "rdi": NOWHERE})
    assert {name: guest.get(name) for name in values} == {**values, "rdi": NOWHERE}
    assert guest.engine.eflags & 0x401 == 0x401
    guest.set(rdi=DATA)
    guest.put("66480f7eda fc c3", CODE + 0x100)  # movq %xmm3,%rdx; cld; ret
    assert guest.engine.run(CODE + 0x100) == Stop(STOPPED)
    assert guest.get("rdx") == values["rax"]


def test_an_instruction_is_repeated_when_its_fault_was_handled(guest: Tiny) -> None:
    stop, handled = guest.run("488907 48894708 c3", rdi=NOWHERE - 8 + PAGE_SIZE, rax=77), []  # stores to both sides
    while stop == Stop(FAULT, arch.PAGE_FAULT):
        handled.append(guest.engine.cr2)
        guest.tables.map_page(guest.engine.cr2 & -PAGE_SIZE, OTHER_PHYS + len(handled) * PAGE_SIZE, arch.KERNEL)
        stop = guest.engine.run(guest.get("rip"))
    assert stop == Stop(STOPPED) and handled == [NOWHERE + PAGE_SIZE - 8, NOWHERE + PAGE_SIZE]
    assert guest.mem.u64(NOWHERE + PAGE_SIZE) == guest.mem.u64(NOWHERE + PAGE_SIZE - 8) == 77


def test_one_instruction_is_stepped_by_the_trap_flag(guest: Tiny) -> None:
    guest.put("48ffc0 48ffc0 48ffc0 c3")  # inc %rax, three times; ret
    guest.mem.put64(TOP, STUBS)
    guest.set(rsp=TOP, rax=0, rip=CODE)
    guest.engine.eflags |= TRAP_FLAG
    for count in (1, 2):
        assert guest.engine.run(guest.get("rip")) == Stop(FAULT, arch.DEBUG)
        assert guest.get("rax") == count and guest.get("rip") == CODE + 3 * count
    guest.engine.eflags &= ~TRAP_FLAG
    assert guest.engine.run(guest.get("rip")) == Stop(STOPPED) and guest.get("rax") == 3


def test_a_page_can_be_shown_for_one_instruction_at_a_time(guest: Tiny) -> None:
    page, reads = NOWHERE, 0
    # mov (%rdi),%rax; mov (%rdi),%rdx; add (%rdi),%rdx; ret
    stop = guest.run("488b07 488b17 480317 c3", rdi=page)
    while stop.reason == FAULT:
        if stop.vector == arch.PAGE_FAULT:
            reads += 1
            guest.ram.put64(OTHER_PHYS, 10**reads)
            guest.tables.map_page(page, OTHER_PHYS, arch.KERNEL)
            guest.engine.eflags |= TRAP_FLAG
        else:
            assert stop.vector == arch.DEBUG
            guest.engine.eflags &= ~TRAP_FLAG
            guest.tables.unmap_page(page)
        stop = guest.engine.run(guest.get("rip"))
    assert stop == Stop(STOPPED) and reads == 3
    assert (guest.get("rax"), guest.get("rdx")) == (10, 1100)


def calls_stub(before: str, after: str) -> str:
    """Code that calls the stub in rbx between two pieces."""
    return f"{before} ffd3 {after} c3"


def traps(guest: Tiny, *actions: Callable[[], object]) -> None:
    """Do these at the first traps, one after the other; the trap after them ends the run."""
    left = list(actions)

    def trap() -> None:
        if left:
            left.pop(0)()
        else:
            guest.engine.stop()

    guest.trap = trap


def test_what_a_trap_unmaps_is_gone_for_the_guest(guest: Tiny) -> None:
    traps(guest, lambda: guest.tables.unmap_page(DATA))
    assert guest.run(calls_stub("488b07", "488b07"), rdi=DATA, rbx=STUBS) == Stop(FAULT, arch.PAGE_FAULT)
    assert guest.get("rip") == CODE + 5 and guest.engine.cr2 == DATA


def test_what_a_trap_makes_read_only_is_so_for_the_guest(guest: Tiny) -> None:
    traps(guest, lambda: guest.tables.protect(DATA, PAGE_SIZE, arch.KERNEL_RO))
    assert guest.run(calls_stub("488907", "488907"), rdi=DATA, rbx=STUBS) == Stop(FAULT, arch.PAGE_FAULT)
    assert guest.get("rip") == CODE + 5


def test_what_a_trap_maps_elsewhere_is_read_there(guest: Tiny) -> None:
    guest.ram.put64(DATA_PHYS, 1)
    guest.ram.put64(OTHER_PHYS, 20)
    traps(guest, lambda: guest.tables.map_page(DATA, OTHER_PHYS, arch.KERNEL))
    # mov (%rdi),%rax; call; add (%rdi),%rax
    assert guest.run(calls_stub("488b07", "480307"), rdi=DATA, rbx=STUBS) == Stop(STOPPED)
    assert guest.get("rax") == 21


def test_what_a_trap_writes_the_guest_reads(guest: Tiny) -> None:
    def trap() -> None:
        guest.r[arch.RAX] = 40
        guest.mem.put64(DATA, 2)

    traps(guest, trap)
    assert guest.run(calls_stub("488b07", "480307"), rdi=DATA, rbx=STUBS) == Stop(STOPPED)
    assert guest.get("rax") == 42


def test_rewritten_code_runs_when_the_translated_is_forgotten(guest: Tiny) -> None:
    guest.run("b801000000 c3")  # mov $1,%eax; ret
    assert guest.get("rax") == 1
    guest.run("b802000000 c3")
    assert guest.get("rax") == 2


def test_code_may_be_rewritten_in_a_trap(guest: Tiny) -> None:
    function = guest.put("b801000000 c3", CODE + 0x100)
    traps(guest, lambda: guest.put("b802000000 c3", function))
    # call *%rbp; mov %eax,%r12d; call *%rbx; call *%rbp; shl $4,%eax; or %r12d,%eax; ret
    assert guest.run("ffd5 4189c4 ffd3 ffd5 c1e004 4409e0 c3", rbp=function, rbx=STUBS) == Stop(STOPPED)
    assert guest.get("rax") == 0x21


# mov %rsi,%rax; movq %rax,%xmm1; clc; call *%rbx; rcl $1,%rax (with the carry); movq %xmm1,%rdx;
# mov %rax,(%rdi); mov %rdx,8(%rdi); call *%rbx
SAVED = "4889f0 66480f6ec8 f8 ffd3 48d1d0 66480f7eca 488907 48895708 ffd3"


def everything(guest: Tiny) -> tuple[object, ...]:
    """All that the guest can see: registers, flags, an SSE register, RAM."""
    sse = guest.engine.uc.reg_read(UC_X86_REG_XMM1)
    return [guest.r[index] for index in range(17)], guest.engine.eflags, sse, guest.ram.read(0, TABLES)


def test_a_processor_saved_in_a_trap_goes_on_in_the_same_way_every_time(guest: Tiny) -> None:
    saved: list[tuple[object, bytes]] = []
    traps(guest, lambda: saved.append((guest.engine.save(), guest.ram.read(0, TABLES))))
    assert guest.run(SAVED, rsi=0x1234, rdi=DATA, rbx=STUBS) == Stop(STOPPED)
    first = everything(guest)
    assert guest.mem.u64(DATA) == 0x2468 and guest.mem.u64(DATA + 8) == 0x1234
    for _ in range(2):
        guest.run("4831c0 660fefc9 f9 c3", rbx=0, rdi=0)  # something else: clears rax and xmm1, sets the carry
        guest.engine.restore(saved[0][0])
        guest.ram.write(0, saved[0][1])
        guest.engine.flush_code()
        assert guest.get("rip") == STUBS and guest.get("rsi") == 0x1234
        traps(guest, lambda: None)  # the trap in which it was saved comes again
        assert guest.engine.run(guest.get("rip")) == Stop(STOPPED)
        assert everything(guest) == first


def test_addresses_are_forgotten_with_the_tables(guest: Tiny) -> None:
    guest.run(LOAD, rdi=DATA)
    at = guest.tables.leaf_table(DATA) + (DATA >> 9 & 0xFF8)
    guest.ram.u64[at >> 3] = OTHER_PHYS | arch.KERNEL  # as a rewind of RAM does, without telling
    guest.ram.put64(OTHER_PHYS, 5)
    guest.tables.forget_tables([at & -0x1000])
    guest.run(LOAD, rdi=DATA)
    assert guest.get("rax") == 5


def test_a_run_that_does_not_come_back_is_suspected(make: Make) -> None:
    guest = make(patience=0.1)
    assert guest.run("48ffc0 ebfb") == Stop(SUSPECT)  # 1: inc %rax; jmp 1b
    assert guest.get("rip") - CODE in (0, 3) and guest.get("rax") > 1000
    assert guest.run("c3") == Stop(STOPPED)


def test_two_processors_do_not_know_of_each_other(make: Make) -> None:
    one, two = make(), make()
    one.trap = lambda: (two.run("48c7c007000000 c3"), one.engine.stop())[0]
    assert one.run(calls_stub("48c7c003000000", "90"), rbx=STUBS) == Stop(STOPPED)
    assert (one.get("rax"), two.get("rax")) == (3, 7)


def test_per_cpu_data_is_found_through_gs(guest: Tiny) -> None:
    guest.mem.put64(DATA + 0x28, 0xCAFE)
    guest.engine.set_gs_base(DATA)
    assert guest.run("65488b042528000000 c3") == Stop(STOPPED)  # mov %gs:0x28,%rax
    assert guest.get("rax") == 0xCAFE
    guest.run(LOAD, rdi=NOWHERE)
    guest.run("65488b042528000000 c3", rax=0)
    assert guest.get("rax") == 0xCAFE


def test_instructions_that_modules_contain_are_known(guest: Tiny) -> None:
    # stac; clac; lfence; mfence; popcnt %rdi,%rax; pause; prefetcht0 (%rsp); invlpg (%rdi)
    assert guest.run("0f01cb 0f01ca 0faee8 0faef0 f3480fb8c7 f390 0f180c24 0f013f c3", rdi=DATA) == Stop(STOPPED)
    assert guest.get("rax") == DATA.bit_count()


def test_a_page_that_maps_no_ram_is_a_fault(guest: Tiny) -> None:
    guest.tables.map_page(NOWHERE, SIZE + 0x1000, arch.KERNEL)
    assert guest.run(LOAD, rdi=NOWHERE).reason == FAULT
    assert guest.get("rip") == CODE


def test_control_registers_are_those_of_a_kernel_with_paging(guest: Tiny) -> None:
    guest.run(LOAD, rdi=NOWHERE)
    cr0, cr2, cr3, cr4 = guest.engine.control()
    assert cr0 & 0x80010001 == 0x80010001 and cr2 == NOWHERE and cr3 == guest.tables.root and cr4 & 0x20


def test_a_second_trap_takes_the_place_of_the_first(guest: Tiny) -> None:
    told: list[str] = []
    guest.engine.on_trap(lambda: told.append("second") or guest.engine.stop())
    guest.run("c3")
    assert told == ["second"]
