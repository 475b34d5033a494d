"""Who called: stacks walked over frames made by hand; what may sleep; the flags of interrupts."""

import pytest

from runtime.arch import x86_64 as arch
from runtime.loader.unwind import BP, CALL, END, PREV_SP, SP, UNDEFINED, Rule
from runtime.processor import EFLAGS_IF, Processor
from runtime.sched.task import Task
from tests.runtime.tiny import CODE, DATA, DATA_PHYS, STACK, STACK_PHYS, STACK_SIZE, STUBS, Tiny

CONTINUATION = STUBS + 0x20
INIT, PROBE, READ, WRITE = (CODE + 0x100 * number for number in range(1, 5))
# Bytes between the slots of two return addresses, for a return address into each function.
SIZES = {INIT: 0x18, PROBE: 0x20, READ: 8, WRITE: 0x40}
FRAMED = CODE + 0x900  # a function with a frame pointer
TOP = STACK + STACK_SIZE - 64


def rule(virt: int) -> Rule:
    function = virt & -0x100
    if function == FRAMED:
        return BP, 16, PREV_SP, -16, CALL, False
    size = SIZES.get(function)
    return END if size is None else (SP, size, UNDEFINED, 0, CALL, False)


class Cpu:
    """A processor over a tiny guest; returns(...) builds a stack, innermost return address first."""

    def __init__(self) -> None:
        self.guest = Tiny()
        self.task = Task(self.guest.undo, 1, "test", 0, STACK, STACK_PHYS, STACK_SIZE)
        self.processor = self.processor_of()
        self.guest.mem.put64(TOP, STUBS)

    def processor_of(self) -> Processor:
        """A processor that has not walked this stack before."""
        made = Processor(self.guest.engine, self.guest.ram, self.guest.mem, rule)
        made.continuation = CONTINUATION
        made.preempt_phys, made.flags_phys, made.readers_phys = DATA_PHYS, DATA_PHYS + 8, DATA_PHYS + 16
        made.switch_to(self.task)
        return made

    def returns(self, *ips: int, top: int = TOP) -> int:
        """Lay frames below top, whose own slot holds the last ip; rsp is where the first one lies."""
        slot = top
        self.guest.mem.put64(slot, ips[-1])
        for ip in reversed(ips[:-1]):
            slot -= SIZES[ip & -0x100]
            self.guest.mem.put64(slot, ip)
        self.guest.set(rsp=slot)
        return slot


@pytest.fixture
def cpu() -> Cpu:
    return Cpu()


def test_frames_are_found_from_the_innermost_on(cpu: Cpu) -> None:
    cpu.returns(READ + 5, PROBE + 0x20, INIT + 7, 0)
    assert cpu.processor.stack() == (READ + 5, PROBE + 0x20, INIT + 7)


def test_a_return_address_belongs_to_the_call_before_it(cpu: Cpu) -> None:
    slot = cpu.returns(READ + 5, INIT + 7, 0)
    cpu.guest.mem.put64(slot, READ + 0x100)  # behind the last instruction of READ: WRITE begins there
    assert cpu.processor.stack() == (READ + 0x100, INIT + 7)


def test_the_same_stack_again_is_the_same_tuple(cpu: Cpu) -> None:
    cpu.returns(READ + 5, PROBE + 0x20, INIT + 7, 0)
    assert cpu.processor.stack() is cpu.processor.stack()


@pytest.mark.parametrize("others", [(PROBE + 0x24, INIT + 7, 0), (PROBE + 0x20, PROBE + 0x20, 0), (PROBE + 0x20, 0, 0),
                                    (PROBE + 0x20, INIT + 7, WRITE + 1)])
def test_other_callers_of_the_same_call_are_seen(cpu: Cpu, others: tuple[int, ...]) -> None:
    slot = cpu.returns(READ + 5, PROBE + 0x20, INIT + 7, 0)
    assert len(cpu.processor.stack()) == 3
    for at, ip in zip((slot + 8, slot + 0x28, slot + 0x40), others, strict=True):
        cpu.guest.mem.put64(at, ip)
    assert cpu.processor.stack() == cpu.processor_of().stack() != (READ + 5, PROBE + 0x20, INIT + 7)


def test_a_module_at_the_address_of_another_has_other_frames(cpu: Cpu, monkeypatch: pytest.MonkeyPatch) -> None:
    slot = cpu.returns(READ + 5, PROBE + 0x20, INIT + 7, 0)
    assert len(cpu.processor.stack()) == 3
    monkeypatch.setitem(SIZES, READ, 0x28)
    cpu.guest.mem.put64(slot + 0x28, INIT + 7)
    cpu.processor.forget_steps()
    assert cpu.processor.stack() == (READ + 5, INIT + 7)


def test_a_walk_that_was_done_before_does_not_hide_the_caller_of_the_kernel_function(cpu: Cpu) -> None:
    outer = cpu.returns(PROBE + 5, INIT + 7, 0)
    cpu.returns(READ + 5, CONTINUATION, top=outer - 0x40)
    cpu.task.pending.append((None, (), TOP, None))
    assert cpu.processor.stack() == (READ + 5,)
    cpu.task.pending.append((None, (), outer, 0xFF))
    assert cpu.processor.stack() == (READ + 5, PROBE + 5, INIT + 7)


def test_a_walk_ends_where_no_module_is(cpu: Cpu) -> None:
    slot = cpu.returns(READ + 5, INIT + 7, 0)
    cpu.guest.mem.put64(slot + 8, 0xFFFF888000001000)
    assert cpu.processor.stack() == (READ + 5,)
    cpu.guest.mem.put64(slot, 0x6B6B6B6B6B6B6B6B)
    assert cpu.processor.stack() == ()


def test_a_walk_does_not_leave_the_stack(cpu: Cpu) -> None:
    top = STACK + STACK_SIZE - 8
    cpu.guest.mem.put64(top, WRITE + 1)
    cpu.guest.mem.put64(top - 8, READ + 1)
    cpu.guest.set(rsp=top - 8)
    assert cpu.processor.stack() == (READ + 1, WRITE + 1)


@pytest.mark.parametrize("rsp", [0, STACK - 8, STACK + STACK_SIZE, TOP - 4, DATA, 0x6B6B6B6B6B6B6B68])
def test_a_stack_pointer_that_points_elsewhere_gives_no_frames(cpu: Cpu, rsp: int) -> None:
    cpu.returns(READ + 5, INIT + 7, 0)
    cpu.guest.set(rsp=rsp)
    assert cpu.processor.stack() == ()


def test_a_kernel_function_in_between_has_its_caller_on_top_of_the_stack(cpu: Cpu) -> None:
    slot = cpu.returns(READ + 5, INIT + 7, 0)
    cpu.guest.mem.put64(slot - 8, STUBS + 0x100)  # guest code of the kernel was called by READ, and calls a trap
    cpu.guest.set(rsp=slot - 8)
    assert cpu.processor.stack() == (STUBS + 0x100, READ + 5, INIT + 7)


def test_functions_with_a_frame_pointer_are_walked_by_it(cpu: Cpu) -> None:
    slot = cpu.returns(PROBE + 5, INIT + 7, 0)
    frame = slot - 8  # where FRAMED has saved its caller's rbp
    cpu.guest.mem.put64(frame, 0x1234)
    cpu.guest.mem.put64(frame - 0x30, FRAMED + 9)
    cpu.guest.set(rsp=frame - 0x30, rbp=frame)
    assert cpu.processor.stack() == (FRAMED + 9, PROBE + 5, INIT + 7)
    cpu.guest.mem.put64(frame - 0x48, READ + 5)
    cpu.guest.mem.put64(frame - 0x40, FRAMED + 9)
    cpu.guest.set(rsp=frame - 0x48)
    assert cpu.processor.stack() == (READ + 5, FRAMED + 9, PROBE + 5, INIT + 7)


def test_a_frame_pointer_that_is_none_ends_the_walk(cpu: Cpu) -> None:
    slot = cpu.returns(PROBE + 5, INIT + 7, 0)
    cpu.guest.mem.put64(slot - 8, FRAMED + 9)
    for rbp in (0, STACK - 0x10000, 0x6B6B6B6B6B6B6B6B):
        cpu.guest.set(rsp=slot - 8, rbp=rbp)
        assert cpu.processor.stack() == (FRAMED + 9,)


def test_a_walk_goes_through_the_kernel_functions_that_called_the_guest(cpu: Cpu) -> None:
    outer = cpu.returns(PROBE + 5, INIT + 7, CONTINUATION)
    middle = cpu.returns(READ + 5, CONTINUATION, top=outer - 0x40)
    cpu.returns(WRITE + 9, READ + 0x33, CONTINUATION, top=middle - 0x40)
    cpu.task.pending += [(None, (), TOP, None), (None, (), outer, 0xFF), (None, (), middle, 0xFF)]
    assert cpu.processor.stack() == (WRITE + 9, READ + 0x33, READ + 5, PROBE + 5, INIT + 7)


def test_what_the_machine_itself_started_is_the_end(cpu: Cpu) -> None:
    cpu.returns(READ + 5, INIT + 7, CONTINUATION)
    assert cpu.processor.stack() == (READ + 5, INIT + 7)
    cpu.task.pending.append((None, (), TOP, None))
    assert cpu.processor.stack() == (READ + 5, INIT + 7)


def test_a_frame_pointer_is_followed_through_a_kernel_function_too(cpu: Cpu) -> None:
    outer = cpu.returns(INIT + 7, CONTINUATION)
    slot = cpu.returns(PROBE + 5, CONTINUATION, top=outer - 0x40)
    cpu.guest.mem.put64(slot - 0x10, FRAMED + 9)
    cpu.guest.set(rsp=slot - 0x10, rbp=slot - 8)
    cpu.task.pending += [(None, (), TOP, None), (None, (), outer, 0xFF)]
    assert cpu.processor.stack() == (FRAMED + 9, PROBE + 5, INIT + 7)


def test_a_fault_in_the_middle_of_a_function_shows_its_callers(cpu: Cpu) -> None:
    slot = cpu.returns(PROBE + 5, INIT + 7, 0)
    cpu.guest.set(rip=WRITE + 3, rsp=slot + 8 - SIZES[WRITE])
    assert cpu.processor.trace() == [PROBE + 5, INIT + 7]


@pytest.mark.parametrize("rip", [0, DATA, 0x6B6B6B6B6B6B6B6B])
def test_a_jump_to_nowhere_shows_who_called(cpu: Cpu, rip: int) -> None:
    slot = cpu.returns(PROBE + 5, INIT + 7, 0)
    cpu.guest.set(rip=rip, rsp=slot)
    assert cpu.processor.trace() == [PROBE + 5, INIT + 7]


def test_a_fault_below_a_kernel_function_shows_both_sides(cpu: Cpu) -> None:
    outer = cpu.returns(INIT + 7, CONTINUATION)
    slot = cpu.returns(PROBE + 5, CONTINUATION, top=outer - 0x40)
    cpu.task.pending += [(None, (), TOP, None), (None, (), outer, 0xFF)]
    cpu.guest.set(rip=0, rsp=slot)
    assert cpu.processor.trace() == [PROBE + 5, INIT + 7]


def test_a_trace_in_a_kernel_function_shows_its_callers(cpu: Cpu) -> None:
    cpu.returns(READ + 5, PROBE + 5, INIT + 7, 0)
    cpu.processor.r[arch.RIP] = STUBS + 0x40
    for _ in range(2):
        assert cpu.processor.trace() == [READ + 5, PROBE + 5, INIT + 7]
    outer = cpu.returns(INIT + 7, CONTINUATION)
    cpu.returns(PROBE + 5, CONTINUATION, top=outer - 0x40)
    cpu.task.pending += [(None, (), TOP, None), (None, (), outer, 0xFF)]
    assert cpu.processor.trace() == [PROBE + 5, INIT + 7]


def test_what_was_called_most_is_walked_at_once(cpu: Cpu) -> None:
    cpu.returns(READ + 5, INIT + 7, 0)
    cpu.processor.stack()
    assert cpu.processor.steps[READ + 5] == SIZES[READ] and cpu.processor.steps[0] == 0


def test_the_need_resched_bit_is_not_a_level_of_the_count(cpu: Cpu) -> None:
    cpu.guest.ram.put32(DATA_PHYS, 0x80000000)
    assert cpu.processor.preempt_count == 0
    cpu.processor.preempt_count += 2
    assert cpu.processor.preempt_count == 2 and cpu.guest.ram.u32[DATA_PHYS >> 2] == 0x80000002
    cpu.processor.preempt_count = 0
    assert cpu.guest.ram.u32[DATA_PHYS >> 2] == 0x80000000


def test_interrupts_are_one_flag_among_others(cpu: Cpu) -> None:
    cpu.guest.ram.put64(DATA_PHYS + 8, 0x246)
    assert cpu.processor.interrupts and cpu.processor.eflags == 0x246
    cpu.processor.interrupts = False
    assert not cpu.processor.interrupts and cpu.processor.eflags == 0x46
    cpu.processor.interrupts = True
    assert cpu.processor.eflags == 0x46 | EFLAGS_IF


@pytest.mark.parametrize(
    ("count", "interrupts", "atomic", "interrupt"),
    [
        (0x80000000, True, False, False),
        (0x80000001, True, True, False),
        (0x80000000, False, True, False),
        (0x80000200, True, True, True),
        (0x00010000, True, True, True),
        (0x00000000, True, False, False),
    ],
)
def test_sleeping_is_forbidden_in_every_atomic_context(
    cpu: Cpu, count: int, interrupts: bool, atomic: bool, interrupt: bool
) -> None:
    cpu.guest.ram.put32(DATA_PHYS, count)
    cpu.processor.interrupts = interrupts
    assert (cpu.processor.in_atomic(), cpu.processor.in_interrupt()) == (atomic, interrupt)


def test_sleeping_is_forbidden_to_an_rcu_reader(cpu: Cpu) -> None:
    cpu.guest.ram.put32(DATA_PHYS, 0x80000000)
    cpu.processor.interrupts = True
    assert not cpu.processor.in_atomic() and not cpu.processor.atomic_test()()
    cpu.guest.ram.put32(DATA_PHYS + 16, 1)
    assert cpu.processor.in_atomic() and cpu.processor.atomic_test()()


def test_a_saved_processor_comes_back_with_all_its_registers(cpu: Cpu) -> None:
    for index in range(17):
        cpu.guest.r[index] = 0x1000 * index
    saved, registers = cpu.guest.engine.save(), cpu.processor.registers()
    assert registers == tuple(0x1000 * index for index in range(17))
    cpu.guest.set(rax=5, r15=6, rip=7)
    cpu.guest.engine.restore(saved)
    assert cpu.processor.registers() == registers


def test_the_stack_of_another_task_is_walked_after_a_switch(cpu: Cpu) -> None:
    cpu.returns(READ + 5, INIT + 7, 0)
    cpu.guest.tables.map_range(STACK - 0x8000, 0x310000, STACK_SIZE, arch.KERNEL)
    cpu.processor.switch_to(Task(cpu.guest.undo, 2, "other", 0, STACK - 0x8000, 0x310000, STACK_SIZE))
    assert cpu.processor.stack() == ()
    cpu.returns(WRITE + 5, INIT + 7, 0, top=STACK - 0x8000 + 0x100)
    assert cpu.processor.stack() == (WRITE + 5, INIT + 7)


JUMPING = CODE + 0x700


@pytest.mark.parametrize(("code", "end"), [
    (b"\x90" * 3 + b"\xe9", 8), (b"\xe9" + b"\x11" * 3 + b"\xe9", 9), (b"\x90", 1),
])  # fmt: skip
def test_a_kernel_function_that_was_jumped_to_has_the_jump_as_its_caller(cpu: Cpu, code: bytes, end: int) -> None:
    """The last call of init, say: the compiler makes it a jump, and init is on no stack. No jump: its first byte."""
    cpu.returns(CONTINUATION)
    cpu.task.started, stub = JUMPING, STUBS + 0x40
    jump = (stub - JUMPING - end).to_bytes(4, "little", signed=True) if end > 1 else b""
    cpu.guest.ram.write(cpu.guest.tables.lookup(JUMPING)[0], code + jump)
    cpu.processor.r[arch.RIP] = stub
    assert cpu.processor.stack() == ()  # nothing of the guest's is running
    cpu.task.pending.append((None, (), TOP, None))
    assert cpu.processor.stack() == (JUMPING + end,)
    assert cpu.processor.trace() == []  # Linux, which only has the stack, does not know
    cpu.processor.r[arch.RIP] = CONTINUATION
    assert cpu.processor.stack() == ()


def test_a_task_whose_stack_lies_on_other_pages_is_walked_anew(cpu: Cpu) -> None:
    slot, pages = cpu.returns(READ + 5, INIT + 7, 0), 0x280000
    assert cpu.processor.stack() == (READ + 5, INIT + 7)
    for at, ip in ((slot, READ + 5), (slot + SIZES[READ], PROBE + 3), (slot + SIZES[READ] + SIZES[PROBE], 0)):
        cpu.guest.ram.put64(pages + at - STACK, ip)
    cpu.processor.switch_to(Task(cpu.guest.undo, 2, "other", 0, STACK, pages, STACK_SIZE))
    assert cpu.processor.stack() == (READ + 5, PROBE + 3)
    cpu.processor.switch_to(cpu.task)
    assert cpu.processor.stack() == (READ + 5, INIT + 7)
