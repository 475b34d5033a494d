"""The loop: kernel functions that call the guest, steps, errors and faults, with nothing but data in between."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime.arch import x86_64 as arch
from runtime.c import Stepped, bool_, int_, long_, unsigned_long, void_p
from runtime.cpu.loop import Loop, Suspected
from runtime.cpu.traps import Binder, Stubs
from runtime.errors import Call, GuestFault, KernelBug, KernelPanic, Killed, Unsupported, Wait
from runtime.sched.task import Task
from runtime.snapshot import Snapshots
from runtime.units import PAGE_SIZE
from tests.runtime.tiny import CODE, DATA, NOWHERE, STACK, STACK_PHYS, STACK_SIZE, STUBS, TABLES, Tiny

PADS = CODE + 0xF000
SUM = CODE + 0x1000
# rdi + rsi + rdx + rcx + r8 + r9 + 8(%rsp) + 16(%rsp)
SUM_CODE = "4889f8 4801f0 4801d0 4801c8 4c01c0 4c01c8 4803442408 4803442410 c3"
RSP = CODE + 0x2000
RSP_CODE = "4889e0 c3"  # mov %rsp,%rax; ret
DOUBLE = CODE + 0x3000
DOUBLE_CODE = "488d043f 31ff 31f6 31d2 31c9 c3"  # lea (%rdi,%rdi),%rax; clear what a function may clobber; ret
VOID = CODE + 0x4000
CALLER = CODE + 0x5000  # sub $8,%rsp; call *%rbx; add $8,%rsp; ret
CALLER_CODE = "4883ec08 ffd3 4883c408 c3"
FAULTING = CODE + 0x6000
FAULTING_CODE = "488b07 48ffc0 c3"  # mov (%rdi),%rax; inc %rax; ret


class Handler:
    """Goes on where it is told, or kills the task; notes what it was told of."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.go_on = 0

    def _answer(self, *what: Any) -> int:
        self.told.append(what)
        if not self.go_on:
            raise Killed(9, "by the test")
        return self.go_on

    def fault(self, vector: int) -> int:
        return self._answer("fault", vector)

    def kernel_error(self, error: Exception, rip: int) -> int:
        return self._answer(type(error), rip)

    def hang(self) -> int:
        return self._answer("hang")


class Box:
    """A kernel for steps, with the loop and the guest around it."""

    def __init__(self, guest: Tiny) -> None:
        self.guest, self.seen = guest, guest.undo.list()
        self.stubs = Stubs(STUBS, PAGE_SIZE, guest.undo)
        self.loop = Loop(guest.engine, guest.mem, self, self.stubs.table)
        self.handler = self.loop.handler = Handler()
        self.loop.task = self.task = Task(guest.undo, 1, "test", 0, STACK, STACK_PHYS, STACK_SIZE)
        self.loop.continuation = self.stubs.add(self.loop.continue_)
        self.loop.ret_pad, self.loop.idle_pad = guest.put("c3", PADS), guest.put("ebfe", PADS + 16)
        self.binder = Binder(guest.engine, guest.mem, self, self.loop.step)
        for at, code in ((SUM, SUM_CODE), (RSP, RSP_CODE), (DOUBLE, DOUBLE_CODE), (VOID, "c3"), (CALLER, CALLER_CODE)):
            guest.put(code, at)
        guest.put(FAULTING_CODE, FAULTING)

    def bind(self, function: Callable[..., Any]) -> int:
        """A kernel function; its address. The guest's CALLER calls it."""
        virt = self.stubs.add(self.binder.bind(function))
        self.guest.set(rbx=virt)
        return virt

    def perform(self, result: Any) -> Any:
        return self.loop.perform(lambda k, rax: result)


@pytest.fixture
def box(guest: Tiny) -> Box:
    return Box(guest)


def test_an_action_that_needs_no_guest_is_done_at_once(box: Box) -> None:
    assert box.loop.perform(lambda k, rax, *data: (k is box, rax, data), 1, 2) == (True, 0, (1, 2))


def test_a_guest_functions_result_is_the_actions(box: Box) -> None:
    assert box.perform(Call(DOUBLE, 21)) == 42
    assert box.task.pending == []


@pytest.mark.parametrize("count", range(6, 10))
def test_arguments_beyond_six_go_on_the_stack(box: Box, count: int) -> None:
    arguments = [10**index for index in range(count)]
    arguments += [0] * (8 - count)
    assert box.perform(Call(SUM, *arguments)) == sum(arguments[:8])


def test_negative_arguments_are_words(box: Box) -> None:
    assert box.perform(Call(SUM, -1, -2, 0, 0, 0, 0, -3, 0)) == arch.POINTER_MASK - 5


@pytest.mark.parametrize("count", range(12))
def test_the_stack_is_aligned_as_the_abi_says(box: Box, count: int) -> None:
    assert box.perform(Call(RSP, *range(count))) % 16 == 8


def add(k: Box, rax: int, more: int) -> int:
    return rax + more


def call_again(k: Box, rax: int, times: int) -> Any:
    return Call(DOUBLE, rax, then=call_again, data=(times - 1,)) if times else rax


def note(k: Box, rax: int, *data: Any) -> None:
    k.seen.append((rax, *data))


def test_a_step_gets_the_result_and_its_data(box: Box) -> None:
    assert box.perform(Call(DOUBLE, 21, then=add, data=(100,))) == 142


def test_a_step_may_go_on_with_another_call(box: Box) -> None:
    assert box.perform(Call(DOUBLE, 3, then=call_again, data=(4,))) == 3 * 32


def test_a_kernel_function_may_call_the_guest(box: Box) -> None:
    def kernel(k: Any, value: unsigned_long) -> Stepped[int_]:
        return Call(DOUBLE, value, then=add, data=(1 << 32,))

    box.bind(kernel)
    assert box.perform(Call(CALLER, 5)) == 10  # cut to the kernel function's own type
    assert box.task.pending == []


def test_a_kernel_function_may_return_what_the_guest_returned(box: Box) -> None:
    def kernel(k: Any, value: unsigned_long) -> Stepped[unsigned_long]:
        return Call(DOUBLE, value)

    box.bind(kernel)
    assert box.perform(Call(CALLER, 1 << 40)) == 1 << 41


def test_a_step_may_call_again_and_again_for_a_kernel_function(box: Box) -> None:
    def kernel(k: Any, value: unsigned_long) -> Stepped[long_]:
        return Call(DOUBLE, value, then=call_again, data=(9,))

    box.bind(kernel)
    assert box.perform(Call(CALLER, 1)) == 1024


def test_a_void_kernel_function_may_call_the_guest(box: Box) -> None:
    def kernel(k: Any, value: unsigned_long) -> Stepped[None]:
        return Call(DOUBLE, value, then=note, data=("x",))

    box.bind(kernel)
    box.perform(Call(CALLER, 4))
    assert box.seen == [(8, "x")]


def test_a_kernel_function_with_stack_arguments_finds_them_whatever_it_calls(box: Box) -> None:
    def kernel(k: Any, a: int_, b: int_, c: int_, d: int_, e: int_, f: int_, g: long_) -> Stepped[long_]:
        return Call(SUM, *range(20, 29), then=add, data=(g,))

    stub = box.bind(kernel)
    box.guest.put("bb4d000000 53 ffd5 5b c3", CODE + 0x7000)  # mov $77,%ebx; push %rbx; call *%rbp; pop %rbx; ret
    box.guest.set(rbp=stub)
    assert box.perform(Call(CODE + 0x7000)) == sum(range(20, 28)) + 77
    assert box.guest.get("rbx") == 77


RECURSE = CODE + 0x8000
# test %edi,%edi; jz 1f; sub $8,%rsp; call *%rbx; add $8,%rsp; ret; 1: xor %eax,%eax; ret
RECURSE_CODE = "85ff 740b 4883ec08 ffd3 4883c408 c3 31c0 c3"


def test_calls_nest_as_deep_as_the_guests_stack(box: Box) -> None:
    depths: list[int] = []

    def down(k: Any, count: unsigned_long) -> Stepped[long_]:
        depths.append(len(k.task.pending))
        return Call(RECURSE, count - 1, then=add, data=(count,))

    box.guest.put(RECURSE_CODE, RECURSE)
    box.bind(down)
    assert box.perform(Call(RECURSE, 100)) == sum(range(101))
    assert depths == list(range(1, 101)) and box.task.pending == []


def test_what_waits_is_data(box: Box) -> None:
    def look(k: Any, value: unsigned_long) -> Stepped[long_]:
        k.seen.append(list(k.task.pending))
        return 5

    inner = box.stubs.add(box.binder.bind(look))
    box.guest.put(f"48bb{inner.to_bytes(8, 'little').hex()}" + CALLER_CODE, CODE + 0x7000)  # movabs $inner,%rbx; ...

    def outer(k: Any, value: unsigned_long) -> Stepped[long_]:
        return Call(CODE + 0x7000, then=add, data=(value,))

    box.bind(outer)
    assert box.perform(Call(CALLER, 7, then=add, data=(1000,))) == 1012
    (started, waiting), rsp = box.seen[0], STACK + STACK_SIZE - 64
    assert started == (add, (1000,), rsp, None)
    assert waiting[:2] == (add, (7,)) and waiting[3] == arch.POINTER_MASK and STACK < waiting[2] < rsp


def test_a_boolean_is_a_number(box: Box) -> None:
    def truth(k: Any, rax: int) -> bool:
        return rax == 4

    def kernel(k: Any, value: unsigned_long) -> Stepped[bool_]:
        return Call(DOUBLE, 2, then=truth) if value else True

    box.bind(kernel)
    assert box.perform(Call(CALLER, 0)) == 1 == box.perform(Call(CALLER, 1))


def test_to_block_is_not_supported_yet_and_says_so(box: Box) -> None:
    def kernel(k: Any) -> Stepped[None]:
        return Wait(0x1000)

    box.bind(kernel)
    with pytest.raises(Unsupported):
        box.perform(Call(CALLER))


@pytest.mark.parametrize("error", [GuestFault(8), KernelBug("here"), KernelPanic("why")])
def test_the_guests_error_in_a_trap_goes_to_the_handler(box: Box, error: Exception) -> None:
    def kernel(k: Any) -> int_:
        raise error

    stub = box.bind(kernel)
    with pytest.raises(Killed):
        box.perform(Call(CALLER))
    assert box.handler.told == [(type(error), stub)]


def test_the_guest_goes_on_where_the_handler_says(box: Box) -> None:
    def kernel(k: Any) -> int_:
        raise GuestFault(8)

    box.bind(kernel)
    box.guest.set(rbp=0)
    box.handler.go_on = box.guest.put("b809000000 c3", CODE + 0x7000)  # mov $9,%eax; ret: as if the function had
    assert box.perform(Call(CALLER)) == 9


@pytest.mark.parametrize("error", [ValueError("ours"), Unsupported("gap"), KeyboardInterrupt(), Killed(9, "done")])
def test_any_other_error_in_a_trap_comes_out_as_it_is(box: Box, error: BaseException) -> None:
    def kernel(k: Any) -> int_:
        raise error

    box.bind(kernel)
    with pytest.raises(type(error)) as caught:
        box.perform(Call(CALLER))
    assert caught.value is error and not box.handler.told
    box.task.pending.clear()
    assert box.perform(Call(DOUBLE, 4)) == 8


def test_an_error_in_a_step_of_a_kernel_function_is_one_in_its_trap(box: Box) -> None:
    def step(k: Any, rax: int) -> int:
        k.guest.mem.u64(NOWHERE)
        return 0

    def kernel(k: Any) -> Stepped[int_]:
        return Call(VOID, then=step)

    box.bind(kernel)
    with pytest.raises(Killed):
        box.perform(Call(CALLER))
    assert box.handler.told == [(GuestFault, box.loop.continuation)]


def test_an_error_in_a_step_of_the_action_goes_to_the_handler_too(box: Box) -> None:
    def step(k: Any, rax: int) -> int:
        return int(k.guest.mem.u64(NOWHERE))

    for action in (lambda k, rax: Call(VOID, then=step), step):
        with pytest.raises(Killed):
            box.loop.perform(action)
    assert [what for what, _ in box.handler.told] == [GuestFault] * 2
    box.handler.go_on = CODE
    with pytest.raises(GuestFault):
        box.loop.perform(step)


def test_a_fault_of_the_guest_goes_to_the_handler_with_its_vector(box: Box) -> None:
    with pytest.raises(Killed):
        box.perform(Call(FAULTING, NOWHERE))
    assert box.handler.told == [("fault", arch.PAGE_FAULT)] and box.guest.get("rip") == FAULTING


def test_a_handled_fault_in_a_nested_function_is_nothing_special(box: Box) -> None:
    def kernel(k: Any, at: void_p) -> Stepped[long_]:
        return Call(FAULTING, at, then=add, data=(100,))

    def fault(vector: int) -> int:
        box.guest.tables.map_page(NOWHERE, 0x280000, arch.KERNEL)
        return box.guest.get("rip")

    box.bind(kernel)
    box.handler.fault = fault  # type: ignore[method-assign]
    assert box.perform(Call(CALLER, NOWHERE)) == 101


def test_the_flags_of_a_killed_task_are_not_those_of_the_next(box: Box) -> None:
    box.guest.put("fd 0f0b", CODE + 0x7000)  # std; ud2
    with pytest.raises(Killed):
        box.perform(Call(CODE + 0x7000))
    box.guest.put("9c 58 c3", CODE + 0x7000)  # pushf; pop %rax; ret
    assert not box.perform(Call(CODE + 0x7000)) & 0x400


def test_a_suspicion_is_the_callers_to_decide(make: Callable[..., Tiny]) -> None:
    with pytest.raises(Suspected):
        Box(make(patience=0.05)).perform(Call(PADS + 16))


HALTING = CODE + 0x9000
HALTING_CODE = "f4 ebfd"  # 1: hlt; jmp 1b


@pytest.mark.parametrize("blocks", [0, 100_000])
@pytest.mark.parametrize("code", [HALTING_CODE, "0f0b ebfc"], ids=["halts", "faults"])
def test_a_loop_that_stops_all_the_time_is_a_hang_too(make: Callable[..., Tiny], code: str, blocks: int) -> None:
    box = Box(make(patience=0.05, blocks=blocks))
    box.guest.put(code, HALTING)
    box.handler.fault = lambda vector: box.guest.get("rip") + 2  # type: ignore[method-assign]
    with pytest.raises(Killed if blocks else Suspected):
        box.perform(Call(HALTING))
    assert not blocks or box.handler.told == [("hang",)]


@pytest.mark.parametrize("blocks", [0, 100_000])
def test_a_loop_over_kernel_functions_is_found_to_hang_before_long(make: Callable[..., Tiny], blocks: int) -> None:
    box = Box(make(patience=0.05, blocks=blocks))

    def kernel(k: Any) -> None:
        k.seen.append(1)

    box.bind(kernel)
    box.guest.put("4883ec08 ffd3 ebfc", HALTING)  # sub $8,%rsp; 1: call *%rbx; jmp 1b
    with pytest.raises(Killed if blocks else Suspected):
        box.perform(Call(HALTING))
    assert not blocks or 4000 < len(box.seen) <= 5000


def test_a_jump_between_two_stubs_is_a_fault_of_the_guest(box: Box) -> None:
    with pytest.raises(Killed):
        box.perform(Call(STUBS + 0x107))
    assert box.handler.told == [(GuestFault, STUBS + 0x107)]


def test_a_processor_that_halts_goes_on(box: Box) -> None:
    box.guest.put("f4 b807000000 c3", HALTING)  # hlt; mov $7,%eax; ret
    assert box.perform(Call(HALTING)) == 7


def test_a_spent_budget_is_a_hang_each_time(make: Callable[..., Tiny]) -> None:
    box = Box(make(blocks=200))
    for _ in range(2):
        with pytest.raises(Killed):
            box.perform(Call(PADS + 16))
        assert box.handler.told.pop() == ("hang",)
        box.task.pending.clear()
        assert [box.perform(Call(DOUBLE, 1)) for _ in range(100)] == [2] * 100  # each with a budget of its own


def test_a_watcher_sees_every_trap_once_before_it_runs(box: Box) -> None:
    def kernel(k: Any, value: unsigned_long) -> Stepped[long_]:
        k.seen.append("runs")
        return Call(DOUBLE, value)

    stub = box.bind(kernel)

    def before() -> int:
        box.seen.append(box.guest.get("rip"))
        return box.loop.traps[0] + 2

    box.loop.watch(before)
    assert box.perform(Call(CALLER, 3)) == 6
    assert box.seen == [stub, "runs", box.loop.continuation, box.loop.continuation]
    box.loop.watch(None)
    assert box.perform(Call(CALLER, 3)) == 6 and box.seen[4:] == ["runs"]


def test_a_watcher_is_called_at_the_traps_that_he_names(box: Box) -> None:
    def kernel(k: Any, value: unsigned_long) -> Stepped[long_]:
        return Call(DOUBLE, value)

    box.bind(kernel)
    seen: list[int] = []

    def before() -> int:
        seen.append(box.loop.traps[0] + 1)
        return {2: 5}.get(seen[-1], 0)

    box.loop.watch(before, first=2)
    for _ in range(3):
        assert box.perform(Call(CALLER, 3)) == 6
    assert seen == [2, 5] and box.loop.traps[0] == 9


def test_a_machine_rewound_in_the_middle_of_a_nested_call_goes_on_in_the_same_way(make: Callable[..., Tiny]) -> None:
    guest = make(journal=True)
    box = Box(guest)
    snapshots = Snapshots(guest.ram, guest.tables, TABLES)
    told: list[Any] = []
    marks: list[Any] = []

    def state() -> Any:
        return list(box.task.pending), list(box.seen), guest.mem.read(DATA, 64), guest.mem.read(STACK, STACK_SIZE)

    def kernel(k: Any, value: unsigned_long) -> Stepped[long_]:
        k.seen.append(value)
        guest.mem.put64(DATA + 8 * len(k.seen), value)
        return Call(RECURSE, value - 1, then=add, data=(value,))

    def before() -> int:
        if len(told) == 4 and not marks:
            marks.append((guest.undo.mark(), snapshots.mark(), guest.engine.save(), state()))
        elif len(told) in (9, 14):
            journal, ram, processor, then = marks[0]
            snapshots.rewind(ram)
            guest.undo.rewind(journal)
            guest.engine.restore(processor)
            assert state() == then
        told.append(guest.get("rip"))
        return box.loop.traps[0] + 2

    guest.put(RECURSE_CODE, RECURSE)
    box.bind(kernel)
    box.loop.watch(before)
    assert box.perform(Call(RECURSE, 10)) == sum(range(11))
    assert box.seen == list(range(10, 0, -1)) and marks
    assert [guest.mem.u64(DATA + 8 * index) for index in range(1, 11)] == list(range(10, 0, -1))
    assert len(told) == 10 + 11 + 2 * 5
