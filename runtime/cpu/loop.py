"""The one loop that drives the guest.

The machine hands it an action: a step, which returns its result or a Call of a guest function with what to do next. The
loop runs the guest until the action's result is known, or the task is killed. No Python frame ever waits for the guest:
what is under way is the guest's stack and the task's list of pending steps.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from runtime.arch import x86_64 as arch
from runtime.cpu.engine import FAULT, HANG, NO_FLAGS, SUSPECT, Engine
from runtime.errors import Call, GuestFault, KernelBug, KernelPanic, Step, Unsupported, Wait
from runtime.memory import Memory
from runtime.sched.task import Task
from runtime.undo import pop, push

# What counts against the budget besides blocks. Less than the time they take: calling the kernel is getting somewhere.
_TRAP_BLOCKS, _STOP_BLOCKS = 20, 200
_CHARGED_TRAPS = 64  # where traps have numbers, they are charged so many at once
GUEST_ERRORS = (GuestFault, KernelBug, KernelPanic)


def _ignore() -> None:
    """Nobody is told."""


class Suspected(Exception):
    """The watchdog lost patience: run again with a block budget, which decides."""


class Handler(Protocol):
    """What the kernel does about exceptions.

    Each returns the rip to go on at, or raises: the task was killed, the kernel panicked.
    """

    def fault(self, vector: int) -> int: ...
    def kernel_error(self, error: Exception, rip: int) -> int: ...
    def hang(self) -> int: ...


class Loop:
    """k is handed to every step. pads: (address of a bare `ret`, continuation stub)."""

    def __init__(self, engine: Engine, mem: Memory, k: Any, table: dict[int, Callable[[], None]]) -> None:
        self.engine, self.mem, self.k, self.table = engine, mem, k, table
        self.handler: Handler
        self.task: Task
        self.ret_pad = self.idle_pad = self.continuation = 0
        self.traps = [0, 0]  # the number of the last trap while somebody watches, and of the one before which he looks
        self.noted: Mapping[int, bool] | None = None  # stub -> is note() called there, while somebody watches
        self.note: Callable[[], object] = _ignore
        self._before: Callable[[], int] | None = None
        self._paused = False
        self._error: BaseException | None = None
        self._error_rip = 0
        self._returned: tuple[Any, tuple[Any, ...], int] | None = None
        engine.on_trap(self._make_trap())

    def _make_trap(self) -> Callable[[], None]:
        table, r, budget = self.table, self.engine.r, self.engine.budget

        def trap() -> None:
            try:
                table[r[16]]()
            except BaseException as error:  # the engine would swallow it
                self._failed(error)

        def counted() -> None:
            assert budget is not None
            budget.charge(_TRAP_BLOCKS)
            trap()

        return trap if budget is None else counted

    def _failed(self, error: BaseException) -> None:
        """A trap raised: stop the guest, and deal with it then."""
        rip = self.engine.r[16]
        inside = rip in self.table  # or has the guest jumped between two stubs?
        self._error, self._error_rip = error if inside else GuestFault(rip, fetch=True), rip
        self.engine.stop()

    def watch(self, before: Callable[[], int] | None, first: int = 1) -> None:
        """Count traps from now on, the next one is 1, and call before() when number `first` is about to run.

        The guest stands still then. before() may mark and rewind the machine, run the rest of what is under way
        (resume()), and returns the number of the next trap to be called at, 0 for none. Where `noted`
        says so, note() is called before a stub runs, from within the trap: it may mark the machine, but no more.
        watch(None): no more. Where nobody watches, a trap costs nothing for this.
        """
        self._before, self.traps[:] = before, (0, first)
        self.engine.on_trap(self._make_trap() if before is None else self._make_watched_trap())

    def _make_watched_trap(self) -> Callable[[], None]:
        table, r, engine, traps = self.table, self.engine.r, self.engine, self.traps

        def trap() -> None:
            """Number the trap, and let the watcher look or note where he wants to; then the kernel function."""
            number, rip = traps[0] + 1, r[16]
            if number == traps[1]:
                self._paused = True
                engine.stop()
                return
            try:
                if self.noted is not None and self.noted[rip]:
                    self.note()
                traps[0] = number
                if not number % _CHARGED_TRAPS:
                    engine.charge(_CHARGED_TRAPS * _TRAP_BLOCKS)
                table[rip]()
            except BaseException as error:
                self._failed(error)

        return trap

    def _pause(self) -> int:
        """The guest stands before a stub: let the watcher look, then go on from wherever the machine is now."""
        self._paused = False
        assert self._before is not None
        self.traps[1] = self._before()
        return self.engine.r[arch.RIP]

    def resume(self) -> Any:
        """Run what is under way to its end, from where the guest stands. Result and exceptions as perform()."""
        try:
            return self._drive(self.engine.r[arch.RIP])
        finally:
            if self.task.pending:
                self.task.pending.clear()

    def perform(self, action: Step, *data: Any) -> Any:
        """Run an action in the current task; its result. Raises: what the handler does when the guest goes wrong."""
        self.engine.refill()
        result = self._own_step(action, 0, data)
        if result.__class__ is not Call:
            return result
        self.engine.eflags = NO_FLAGS  # whatever the last one left, or was killed with
        self.push(result, self._top(), None)
        self.engine.begin()
        try:
            return self._drive(self.ret_pad)
        finally:
            self.engine.end()

    def _top(self) -> int:
        """Where the stack of a task begins: below it, the address at which the guest waits to be stopped."""
        top = self.task.stack_top - 64
        self.mem.put64(top, self.idle_pad)
        return top

    def _own_step(self, step: Step, rax: int, data: tuple[Any, ...]) -> Any:
        """A step of the machine's action. The guest stands still, but may have left a bad pointer or a broken list."""
        self.engine.r[arch.RSP] = 0  # nobody has called: what is allocated now is the kernel's own
        try:
            return step(self.k, rax, *data)
        except (GuestFault, KernelBug) as error:
            self.handler.kernel_error(error, self.engine.r[arch.RIP])
            raise

    def _drive(self, rip: int) -> Any:
        engine, handler = self.engine, self.handler
        while True:
            stop = engine.run(rip)
            if self._returned is not None:
                then, data, rax = self._returned  # what the machine started: its step runs while the guest does not
                self._returned = None
                result = rax if then is None else self._own_step(then, rax, data)
                if result.__class__ is not Call:
                    return result
                self.push(result, self._top(), None)
                rip = self.ret_pad
            elif self._paused:
                rip = self._pause()
            elif self._error is not None:
                error, self._error = self._error, None
                if not isinstance(error, GUEST_ERRORS):
                    raise error
                rip = handler.kernel_error(error, self._error_rip)
            elif stop.reason == FAULT:
                engine.charge(_STOP_BLOCKS)
                rip = handler.fault(stop.vector)
            elif stop.reason == HANG:
                rip = handler.hang()
            elif stop.reason == SUSPECT:
                raise Suspected
            else:  # it halted
                engine.charge(_STOP_BLOCKS)
                rip = engine.r[arch.RIP]

    def push(self, call: Call, rsp: int, mask: int | None) -> None:
        """Let the `ret` of the stub that is trapping go to a guest function, whose own goes to the continuation stub.

        rsp: where the return address of the trapping call lies; it is put back when all is done.
        """
        r, put64 = self.engine.r, self.mem.put64
        extra = call.args[6:]
        base = (rsp - 8 * (len(extra) + 2) - 8 & -16) + 8  # rsp is 8 modulo 16 at a function's entry
        put64(base - 8, call.fn)
        put64(base, self.continuation)
        for index, argument in enumerate(extra):
            put64(base + 8 * (index + 1), argument)
        for register, argument in zip(arch.ARGUMENTS, call.args, strict=False):
            r[register] = argument & arch.POINTER_MASK
        r[arch.RSP] = base - 8
        if mask is None:
            self.task.started = call.fn
        self.task.pending.append((call.then, call.data, rsp, mask))

    def step(self, result: Any, mask: int) -> None:
        """A kernel function returned something other than an int: do it."""
        self._conclude(result, self.engine.r[arch.RSP], mask)

    def _conclude(self, result: Any, rsp: int, mask: int) -> None:
        if result.__class__ is Call:
            self.push(result, rsp, mask)
        elif result.__class__ is Wait:
            raise Unsupported("a kernel function that blocks the task until it is woken")
        elif result is not None:
            self.engine.r[arch.RAX] = result & mask

    def continue_(self) -> None:
        """The trap of the continuation stub: a guest function has returned to the step that waits for it."""
        task = self.task
        then, data, rsp, mask = waiting = pop(task.pending)
        task.noted((push, task.pending, waiting))
        r = self.engine.r
        result = r[arch.RAX]
        r[arch.RSP] = rsp
        if mask is None:
            self._returned = then, data, result
            self.engine.stop()
            return
        self._conclude(result if then is None else then(self.k, result, *data), rsp, mask)
