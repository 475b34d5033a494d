"""A machine whose run is observed: each call of a kernel function, what leaves the kernel, each fault.

It is wired before the first module is loaded, and needs a budget of blocks (Machine(blocks=...)).
"""

from collections.abc import Callable
from typing import Any, Protocol

from runtime.arch import x86_64 as arch
from runtime.cpu.arguments import Arguments
from runtime.cpu.trace import Trace
from runtime.errors import GuestFault
from runtime.uninit.events import LIMIT, Diverged, Note, Reached
from runtime.uninit.fills import SelectiveFill
from runtime.units import PAGE_SHIFT

# Functions that hand out bytes: the numbers of the parameters that say which, and how many.
HANDED_OUT = {
    "_copy_to_user": (1, 2),
    "__copy_to_user": (1, 2),
    "copy_to_user_nofault": (1, 2),
}
_STACK_BELOW = 4096  # bytes of stack that the next functions may use


class Course(Protocol):
    """A scenario on a machine of its own. modules: name -> contents. results: of the steps so far, in words."""

    machine: Any
    modules: dict[str, bytes]
    results: list[str]

    def run(self) -> None: ...


class Observed:
    """fill: None on Debian's machine. look(number, function, arguments) is called before each call that is noted."""

    def __init__(
        self, course: Course, trace: Trace, note: Note, fill: SelectiveFill | None,
        look: Callable[[int, Any, tuple[int, ...]], None] | None = None,
    ) -> None:  # fmt: skip
        self.course, self.trace, self.fill, self.look = course, trace, fill, look
        self.k = k = course.machine.kernel
        self.loop = course.machine.loop
        self.number = 0
        self._note = note
        self._arguments = Arguments(k.cpu.engine, k.mem, k, self.loop.step)
        self._functions: dict[str, Any] = {}
        self._lines: list[bytes] = []
        self._bind, k.provider.bind = k.provider.bind, self._observed
        self._handler, self.loop.handler = self.loop.handler, self
        self._log()
        if fill is not None:
            k.slab.fill_from_now(fill)
            if fill.selection.until_free:
                self._watch_frees(fill)

    def note(self, event: tuple[Any, ...]) -> None:
        """Compare an event with the other run's. Raises: Diverged, with where it was."""
        try:
            self._note(event)
        except Diverged as diverged:
            cpu = self.k.cpu
            diverged.at = tuple(cpu.trace()) if event[0] == "fault" else cpu.stack() if event[0] != "step" else ()
            raise
        self.number += 1

    def run(self) -> None:
        """Do the whole scenario. Raises: Reached, Diverged."""
        self.course.run()
        for number, result in enumerate(self.course.results):
            self.note(("step", number, result.partition(":")[0]))

    def parameters(self, name: str) -> list[str]:
        """The names of a kernel function's arguments, as they are noted."""
        return self._arguments.parameters(self._functions[name])

    def fill_stack(self) -> None:
        """Let the guest's stack be undefined below where it is, while the kernel runs."""
        task, rsp = self.k.current, self.k.cpu.r[arch.RSP]
        first = max(task.stack, rsp - _STACK_BELOW)
        if self.fill is not None and first < rsp <= task.stack_top:
            self.fill.below_stack(task.stack_phys + first - task.stack, rsp - first)

    def with_stack(self) -> None:
        """Fill the stack below each function that the kernel calls, and at each call of the kernel."""
        push, bind = self.loop.push, self.k.provider.bind

        def pushed(call: Any, rsp: int, mask: int | None) -> None:
            push(call, rsp, mask)
            self.fill_stack()

        def bound(function: Any) -> Callable[[], None]:
            """The trap of a function, with the stack below the caller filled before it."""
            trap = bind(function)

            def filled() -> None:
                self.fill_stack()
                trap()

            return filled

        self.loop.push, self.k.provider.bind = pushed, bound

    def _watch_frees(self, fill: SelectiveFill) -> None:
        """Tell the fill of each free, on a machine without fences."""
        slab, pages = self.k.slab, self.k.pages
        objects, put, clean = slab.free, pages.put_pages, pages.free_clean

        def freed(cache: Any, objp: int, record: Any) -> None:
            fill.free(objp - arch.PAGE_OFFSET)
            objects(cache, objp, record)

        def freed_pages(pfn: int, order: int) -> Any:
            fill.free(pfn << PAGE_SHIFT)
            return put(pfn, order)

        def cleaned(pfn: int, order: int) -> None:
            fill.free(pfn << PAGE_SHIFT)
            clean(pfn, order)

        slab.free, pages.put_pages, pages.free_clean = freed, freed_pages, cleaned

    def _log(self) -> None:
        """What modules say is compared; the kernel's own reports, with all registers, are not."""
        k, printk = self.k, self.k.log.printk

        def own(level: int, text: str) -> None:
            printk(b"\1%d%s\n" % (level, text.encode()))

        def said(text: bytes, *rest: Any, **more: Any) -> int:
            self._lines.append(text)
            return int(printk(text, *rest, **more))

        k.printk = k.mm.printk = own
        k.log.printk = said

    def _observed(self, function: Any) -> Callable[[], None]:
        trap, read, name = self._bind(function), self._arguments.reader(function), function.__name__
        out, findings, k = HANDED_OUT.get(name), self.k.check.all, self.k
        self._functions[name] = function

        def observed() -> None:
            """The trap, with its arguments, its result and what it found noted as events."""
            arguments = read()
            if self.look is not None:
                self.look(self.number, function, arguments)
            self.note(("call", name, arguments, self._bytes(arguments, *out) if out else b""))
            self._lines, found = [], len(findings)
            try:
                trap()
            except GuestFault as error:
                self.note(("raises", name, "GuestFault", error.address))
                raise
            except Exception as error:
                self.note(("raises", name, type(error).__name__, 0))
                raise
            if self._lines or len(findings) != found:
                self.note(("says", name, tuple(self._lines), tuple(new.kind for new in k.check.all[found:])))

        return observed

    def _bytes(self, arguments: tuple[int, ...], source: int, size: int) -> bytes:
        try:
            return bytes(self.k.mem.read(arguments[source], min(arguments[size], 1 << 24)))
        except GuestFault:
            return b""

    # The loop's handler
    def fault(self, vector: int) -> int:
        engine = self.k.cpu.engine
        self.note(("fault", self.k.cpu.r[arch.RIP], vector, engine.cr2 if vector == arch.PAGE_FAULT else 0))
        return int(self._handler.fault(vector))

    def kernel_error(self, error: Exception, rip: int) -> int:
        return int(self._handler.kernel_error(error, rip))

    def hang(self) -> int:
        if self.trace.full:
            self.note(LIMIT)
            raise Reached
        self.note(("hang",))
        return int(self._handler.hang())
