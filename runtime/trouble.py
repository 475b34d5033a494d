"""What the kernel does when something goes wrong: exceptions of the guest, BUG, WARN and panic in kernel functions, a
hang.

It looks at the processor, asks runtime.oops what Linux says and what becomes of the task, logs that, and notes the
finding. It also answers the faults that are no trouble: struct pages that nobody has looked at yet, variables
whose value is made when they are read (jiffies, the counters of a node's memory).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from runtime.arch import x86_64 as arch
from runtime.check.balance import report_held
from runtime.errors import GuestFault, KernelBug, KernelPanic, Killed
from runtime.mm.page_report import show_mem
from runtime.oops import PANIC, Event, Health, Report, bugs, faults, findings, pieces, report, sites, taint, trap, warn
from runtime.oops.event import CODE_BEFORE, CODE_SIZE, EFLAGS_IF
from runtime.oops.health import WARNING
from runtime.oops.oom import Process, killed_for_memory
from runtime.patched import answer
from runtime.sched.task import kill
from runtime.units import PAGE_MASK, PAGE_SIZE, Phys, Virt

if TYPE_CHECKING:
    from runtime.check.findings import Unchecked
    from runtime.check.where import Lies
    from runtime.kernel import Kernel

Show = Callable[["Kernel", Phys], None]
_MOST_DUMPS = 256
_TRAP_FLAG = 1 << 8
_EXTABLE_ENTRY = 12
_LONGEST_INSTRUCTION = 15


class Trouble:
    """The handler of the loop (cpu.loop.Handler), and what kernel functions call for WARN, BUG and dump_stack."""

    def __init__(self, kernel: "Kernel", health: Health) -> None:
        self.kernel, self.health = kernel, health
        self._trace: tuple[int, ...] = ()  # return addresses of the last event
        self._watched: dict[Virt, tuple[Phys, Show]] = (
            kernel.undo.dict()
        )  # pages that are not mapped: a read is an event
        self._shown: list[Virt] = kernel.undo.list()
        self._dumps: dict[tuple[Any, ...], list[bytes]] = {}
        kernel.undo.adopt(self)

    # Exceptions of the guest

    def fault(self, vector: int) -> int:
        """The guest ran into an exception; the rip to go on at. Raises: Killed, KernelPanic."""
        k, rip = self.kernel, self.kernel.cpu.r[arch.RIP]
        if vector == arch.PAGE_FAULT and self._harmless(k.cpu.engine.cr2):
            return rip
        if vector == arch.DEBUG and self._hide():
            return rip
        if vector == arch.INVALID_OPCODE and (patch := k.modules.patch(rip)) is not None:
            return rip + answer(k, patch)
        event = self.event(vector)
        lies = None
        said = trap.fixed(self.health, k.mem, event, vector, k.modules.tables("__ex_table", _EXTABLE_ENTRY))
        if said is None:
            tables = k.modules.tables("__bug_table", bugs.ENTRY_SIZE)
            lies = self._lies(event.address) if vector == arch.PAGE_FAULT else None
            said = trap.trap(self.health, k.mem, event, vector, tables, lies.text if lies else "")
        # int3 is the one exception that comes when its instruction has been executed.
        return self._conclude(said, event, pc=event.rip - (vector == arch.BREAKPOINT), lies=lies)

    def _lies(self, address: Virt) -> "Lies | None":
        """What is known of an address that faults."""
        from runtime.check.where import describe

        return describe(self.kernel, address)

    def _harmless(self, address: Virt) -> bool:
        """Does a page fault ask for what is only mapped when somebody looks?"""
        page = address & ~PAGE_MASK
        if page in self._watched and page not in self._shown:
            self._show(page)
            return True
        k = self.kernel
        mapped = k.tables.lookup(address)[1]  # then it is what the guest tried there that was wrong
        return not mapped and k.mem.lazy is not None and k.mem.lazy(address)

    def _conclude(
        self, said: Report, event: Event, at: tuple[int, ...] | None = None, pc: Virt = 0, lies: "Lies | None" = None
    ) -> int:
        """Log a report, note its finding, and do what it says. Return: the rip to go on at.

        pc: the instruction that did it, where it is not that of the event. at: the stack, where no instruction did it.
        lies: what is known of the address of a page fault.
        """
        k = self.kernel
        for level, text in said.lines:
            k.printk(level, text)
        if said.finding is not None:
            kind, message = said.finding
            bad = None
            if k.check.failures:
                kind, message, bad = self._unchecked(kind, message, event)
            trace = (self._trace if at is None else at) or k.cpu.stack()  # which knows of a last call that is a jump
            known: dict[str, Any] = {"address": event.address}
            if lies is not None and kind == "page-fault":
                kind, known = lies.kind, lies.known()
            k.check.finding(kind, message, at=trace, pc=(pc or event.rip) if at is None else 0, unchecked=bad, **known)
        for register, value in said.registers.items():
            k.cpu.r[register] = value
        if said.action == "continue":
            return event.rip if said.rip is None else said.rip
        k.cpu.preempt_count, k.cpu.interrupts = 0, True
        if said.action == PANIC:
            raise KernelPanic(self.health.panicked)
        raise Killed(said.signal, said.finding[1] if said.finding else "")

    def _unchecked(self, kind: str, message: str, event: Event) -> "tuple[str, str, Unchecked | None]":
        """A finding, and the call that a fault plan made fail, where the bad pointer is what that had returned."""
        from runtime.oops.unchecked import KINDS, as_null, is_used, pointer

        failure = self.kernel.check.culprit(pointer(event)) if kind in KINDS else None
        if failure is None:
            return kind, message, None
        used = is_used(self._instruction, failure[2], event.rip, self._trace)
        return *(as_null(kind, message) if used else (kind, message)), (*failure, used)

    # Trouble of kernel functions

    def kernel_error(self, error: Exception, rip: Virt) -> int:
        """A kernel function met the guest's bug: a bad pointer, BUG(), panic(). Raises: Killed, KernelPanic."""
        if isinstance(error, GuestFault):
            return self._bad_pointer(error, rip)
        if self.health.panicked:
            raise error
        event = self.event(0)
        if isinstance(error, KernelBug):
            said = trap.kernel_bug(self.health, event, error.site, *error.arguments)
        else:
            said = report.panic(self.health, event, str(error))
            said.finding = findings.panic(str(error))
        return self._conclude(said, event)

    def _bad_pointer(self, error: GuestFault, rip: Virt) -> int:
        if self._harmless(error.address):
            return rip
        event = self.event(arch.PAGE_FAULT, error.address)
        symbol = self.kernel.symbols.lookup(rip)
        name = symbol.name if symbol else ""
        if name in sites.INTERRUPTS_OFF:
            event.eflags &= ~EFLAGS_IF
        event.preempt += name in sites.LOCKED
        lies = self._lies(error.address)
        said = trap.kernel_fault(self.health, event, name, error, lies.text if lies else "")
        return self._conclude(said, event, lies=lies)

    def stack_smashed(self) -> NoReturn:
        """__stack_chk_fail(): a function found its canary overwritten."""
        event = self.event(0)
        caller = event.frames[0] if event.frames else event.where
        said = faults.stack_smashed(self.health, event, caller)
        said.finding = findings.stack_smash(caller)
        self._conclude(said, event, self._trace)
        raise AssertionError("a smashed stack is a panic")

    def bug(self, site: str, *arguments: object) -> NoReturn:
        """BUG() of a kernel function, at a site that runtime.oops.sites knows, with the arguments of its message."""
        raise KernelBug(site, *arguments)

    def warn(self, site: str, *arguments: object) -> None:
        """WARN() of a kernel function, at a site that runtime.oops.sites knows, with the arguments of its message."""
        event = self.event(0)
        self._conclude(trap.kernel_warning(self.health, event, site, *arguments), event, self._trace)

    def warn_at(self, function: str, file: str, line: int, message: str = "") -> None:
        """WARN() of an allocator: it knows its place in Linux's source, and decides itself how often it speaks."""
        event = self.event(0)
        said = warn.warn_at(self.health, event, function, file, line, message)
        if self.kernel.check.last != self._trace or not self._trace:  # else the allocator has said better what is wrong
            site = sites.BY_PLACE.get((file, line))
            text = message.rstrip(" .") or (findings.site(site)[1] if site else f"WARN at {file}:{line}")
            said.finding = findings.kind(site) if site else "warn", text
        self._conclude(said, event, self._trace)

    def warning(self, text: bytes) -> None:
        """__warn_printk(): WARN() says this, levels and newline included, and runs into its ud2 next."""
        k = self.kernel
        k.printk(*pieces.CUT_HERE)
        k.log.printk(text)
        self.health.warning = text.lstrip(b"\1").rstrip(b"\n").decode("utf-8", "backslashreplace")
        if text[:1] == b"\1":
            self.health.warning = self.health.warning[1:]

    def dump_stack(self, above: str = "") -> None:
        """dump_stack(). above: a warning that is logged before it."""
        k, task = self.kernel, self.kernel.current
        frames = k.cpu.trace()
        known = (*frames, *k.modules.kallsyms(), k.cpu.number, task.pid, task.comm, self.health.taint)
        lines = self._dumps.get(known) or self._dump(frames, known)
        k.log.lines(WARNING, [above.encode(), *lines] if above else lines)

    def _dump(self, frames: list[Virt], known: tuple[Any, ...]) -> list[bytes]:
        """The lines of dump_stack(), which follow from what is known: they are kept where all frames lie in modules."""
        k, (number, pid, comm, _) = self.kernel, known[-4:]
        event = Event("", frames=[k.symbols.describe_return(ip) for ip in frames], cpu=number, pid=pid, comm=comm)
        lines = [text.encode() for _, text in pieces.dump_stack(self.health, event)]
        if all(k.modules.owner(ip - 1) for ip in frames):
            if len(self._dumps) >= _MOST_DUMPS:
                self._dumps.clear()
            self._dumps[known] = lines
        return lines

    def print_modules(self) -> None:
        """print_modules(): the line that reports have, for those that an allocator makes."""
        for level, text in self.health.module_lines(self.event(0)):
            self.kernel.printk(level, text)

    def add_taint(self, letter: str) -> None:
        """Set a taint bit by its letter, of the kind after which locks cannot be trusted: that is said once."""
        for level, text in self.health.add_taint(taint.LETTERS.index(letter), lock_debugging=False):
            self.kernel.printk(level, text)

    def oom_kill(self, gfp: int, order: int) -> bool:
        """No memory is left: the OOM killer takes the current task, as there is no other that has user memory.

        It dies when it leaves the kernel; until then its allocations may use a part of the reserve. Return: True.
        Linux: mm/oom_kill.c, out_of_memory(), 6.1
        """
        k, event, text = self.kernel, self.event(0), self.kernel.pages.gfp.text(gfp)
        memory = [(WARNING, line) for line in show_mem(k.pages, k.pages.gfp.zone_index(gfp))]
        slabs = [(name, used >> 10, size >> 10) for name, used, size in k.slab.unreclaimable()]
        victim = Process(event.pid, event.comm, 0, 0, 0)
        for level, line in killed_for_memory(self.health, event, gfp, text, order, memory, slabs, [victim], victim):
            k.printk(level, line)
        kill(k, k.current)
        return True

    # Waiting where nobody will come

    def might_sleep(self, what: str) -> None:
        """A function that may sleep is called; Debian's kernel says nothing where it must not."""
        if self.kernel.mm.in_atomic():
            self.kernel.check.finding("sleep-in-atomic", f"{what} may sleep; called in atomic context")

    def schedule(self) -> None:
        """The task gives the CPU away: a BUG, which does not stop it, where preemption is off.

        Linux: __schedule_bug()
        """
        cpu = self.kernel.cpu
        if cpu.preempt_count:
            event = self.event(0)
            event.preempt = cpu.preempt_count + 1
            said = warn.scheduling_while_atomic(self.health, event)
            said.finding = findings.scheduling_while_atomic(event.preempt)
            self._conclude(said, event, self._trace)
            cpu.preempt_count = 0
        elif not cpu.interrupts:
            self.kernel.check.finding("sleep-in-atomic", "sleeps with interrupts off")
        if cpu.readers:
            self.warn("rcu_context_switch")

    def end_reader(self, waits: bool) -> None:
        """The task goes on as an RCU reader, as the module has left it (a finding already: unbalanced), and sleeps.

        waits: for the end of all readers, so that it never ends. Raises: Killed.
        """
        if not self.kernel.cpu.readers:
            return
        event = self.event(0)
        said = warn.warn(self.health, event, "rcu_context_switch")
        self._conclude(said, event, ())
        self.kernel.cpu.readers = 0
        if waits:
            raise Killed(9, "waits for the end of an RCU reader that it is itself")

    def wait_for_grace_period(self, preempt_count: int) -> None:
        """free_module() waits for RCU, which is a BUG where the module's exit has left preemption off: preempt_count.

        What exit did is a finding already (unbalanced).
        """
        event = self.event(0)
        event.preempt = preempt_count + 1
        self._conclude(warn.scheduling_while_atomic(self.health, event), event, ())

    def hang(self) -> NoReturn:
        """The budget of blocks is spent."""
        event = self.event(0)
        where = self.kernel.places.text(event.rip, 0)
        self._give_up(f"the guest does not come to an end; it is at {where}", at=self._trace, pc=event.rip)

    def sleeps_forever(self, what: str) -> NoReturn:
        """Nobody will ever wake the task."""
        self._give_up(f"{what}: nothing wakes this task")

    def deadlock(self, lock: Virt, what: str) -> NoReturn:
        """The only CPU that runs waits for what it holds itself: a real one would spin forever."""
        self._give_up(f"deadlock: the {what} at {lock:#x} is wanted by the CPU that holds it", address=lock)

    def _give_up(self, message: str, **details: object) -> NoReturn:
        self.kernel.check.finding("hang", message, **details)
        self.kernel.cpu.preempt_count, self.kernel.cpu.interrupts = 0, True
        raise Killed(9, message)

    def unbalanced(self, function: Virt, what: str) -> None:
        """init or exit has returned: preemption and interrupts are not as they were before, and are made so; or a lock
        is held; or the task is an RCU reader.

        Linux: init/main.c, do_one_initcall(), 6.1, which looks at init only, and at no locks.
        """
        k, cpu = self.kernel, self.kernel.cpu
        preempt, interrupts_off = bool(cpu.preempt_count), not cpu.interrupts
        wrong = ["preemption off"] * preempt + ["interrupts off"] * interrupts_off
        name = k.symbols.describe(function)
        cpu.preempt_count, cpu.interrupts = 0, True
        if what == "init" and wrong:
            event = self.event(0)
            said = warn.initcall_imbalance(self.health, event, name, preempt, interrupts_off)
            self._conclude(said, event, ())
        report_held(k, f"{what} ({name})", function, wrong)

    # The present state, as data

    def event(self, vector: int, address: Virt = 0) -> Event:
        """The processor as it is, for a report. address: of a page fault that Python met; else the engine knows it."""
        k, cpu = self.kernel, self.kernel.cpu
        registers, task = cpu.registers(), k.current
        rip, error = registers[arch.RIP], 0
        if vector == arch.PAGE_FAULT and not address:
            address, error = cpu.engine.cr2, cpu.engine.error_code
        nowhere = bool(error & arch.PF_INSTR) or not arch.canonical(rip)
        self._trace = tuple(cpu.trace(nowhere))
        # Linux can only guess who called an address that is no code, unless it is NULL.
        shown = () if nowhere and rip else self._trace
        return Event(
            k.symbols.describe(rip), registers, eflags=self._eflags(),
            frames=[k.symbols.describe_return(ip) for ip in shown],
            code=self._readable(rip - CODE_BEFORE, CODE_SIZE), instruction=self._instruction(rip),
            modules=k.modules.flags(), cpu=cpu.number, pid=task.pid, comm=task.comm, preempt=cpu.preempt_count,
            gs=k.percpu.base(cpu.number), cr=cpu.engine.control(), error=error, address=address,
            stack=(task.stack, task.stack_top),
            walk=tuple(k.tables.walk(address)) if vector == arch.PAGE_FAULT else (),
        )  # fmt: skip

    def _eflags(self) -> int:
        flags = self.kernel.cpu.engine.eflags
        return flags | EFLAGS_IF if self.kernel.cpu.interrupts else flags & ~EFLAGS_IF

    def _readable(self, virt: Virt, size: int) -> bytes | None:
        try:
            return self.kernel.mem.read(virt & arch.POINTER_MASK, size)
        except GuestFault:
            return None

    def _instruction(self, rip: Virt) -> bytes:
        return self._readable(rip, _LONGEST_INSTRUCTION) or self._readable(rip, PAGE_SIZE - (rip & PAGE_MASK)) or b""

    # Variables that are made when they are read

    def watch(self, virt: Virt, phys: Phys, show: Show) -> None:
        """From now on each read of the page at virt calls show(k, phys), a plain function, which writes what is to be
        seen there.
        """
        self._watched[virt] = phys, show
        self.kernel.tables.unmap_page(virt)

    def _show(self, page: Virt) -> None:
        """Map it for one instruction."""
        k = self.kernel
        phys, show = self._watched[page]
        show(k, phys)
        k.tables.map_page(page, phys, arch.KERNEL_RO)
        self._shown.append(page)
        k.cpu.engine.eflags |= _TRAP_FLAG

    def _hide(self) -> bool:
        """The instruction has read it. Return: False where it was not about that."""
        engine = self.kernel.cpu.engine
        if not engine.eflags & _TRAP_FLAG:
            return False
        engine.eflags &= ~_TRAP_FLAG
        while self._shown:
            self.kernel.tables.unmap_page(self._shown.pop())
        return True
