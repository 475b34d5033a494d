"""What the kernel does when something goes wrong: exceptions of the guest, BUG, WARN and panic in kernel functions, a hang.

It looks at the processor, asks runtime.oops what Linux says and what becomes of the task, logs it, and notes the finding. It also answers the
faults that are no trouble: struct pages that nobody has looked at yet, jiffies, tables of fixups.
"""

from typing import TYPE_CHECKING, NoReturn

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault, KernelBug, KernelPanic, Killed
from runtime.oops import CONTINUE, PANIC, Event, Health, Report, bugs, extable, faults, findings, pieces, report, warn
from runtime.oops.event import CODE_BEFORE, CODE_SIZE
from runtime.units import PAGE_MASK, Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_TRAP_FLAG = 1 << 8
_EXTABLE_ENTRY = 12


class Trouble:
    """The handler of the loop (cpu.loop.Handler), and what kernel functions call for WARN and dump_stack."""

    def __init__(self, kernel: "Kernel", health: Health) -> None:
        self.kernel, self.health = kernel, health
        self.jiffies: Virt = 0  # its page is not mapped: each read is an event
        self._jiffies_phys = 0
        self._warning = ""  # what the WARN() that comes next has to say
        kernel.undo.adopt(self)

    # Faults

    def fault(self, vector: int) -> int:
        """The guest ran into an exception; the rip to go on at. Raises: Killed, KernelPanic."""
        k, rip = self.kernel, self.kernel.cpu.r[arch.RIP]
        if vector == arch.PAGE_FAULT:
            address = k.cpu.engine.cr2
            if address & ~PAGE_MASK == self.jiffies and self.jiffies:
                return self._show_jiffies(rip)
            if k.mem.lazy is not None and k.mem.lazy(address):
                return rip
        elif vector == arch.DEBUG and self._hide_jiffies():
            return rip
        elif vector == arch.BREAKPOINT:
            k.cpu.r[arch.RIP] = rip
        event = self.event(vector)
        fix = extable.fix(k.mem, k.modules.tables("__ex_table", _EXTABLE_ENTRY), event, vector)
        return self._fixed(fix) if fix is not None else self._exception(vector, event)

    def _fixed(self, fix: extable.Fix) -> int:
        for register, value in fix.registers.items():
            self.kernel.cpu.r[register] = value
        if fix.site:
            self.warn(fix.site)
        return fix.rip

    def _exception(self, vector: int, event: Event) -> int:
        health = self.health
        if vector == arch.INVALID_OPCODE:
            return self._invalid_opcode(event)
        if vector == arch.PAGE_FAULT:
            return self._conclude(faults.page_fault(health, event), event, findings.page_fault(event))
        if vector == arch.GENERAL_PROTECTION:
            return self._conclude(faults.general_protection(health, event), event, findings.general_protection(event))
        return self._conclude(faults.exception(health, event, vector), event, findings.exception(event, vector))

    def _invalid_opcode(self, event: Event) -> int:
        """ud2 is BUG or WARN where __bug_table says so."""
        bug = bugs.find(self.kernel.mem, self.kernel.modules.tables("__bug_table", bugs.ENTRY_SIZE), event.rip)
        said = warn.invalid_opcode(self.health, self.kernel.mem, event, bug)
        finding = findings.bug(bug.file, bug.line, bug.is_warning) if bug else findings.exception(event, arch.INVALID_OPCODE)
        if said.action != CONTINUE:
            self._conclude(said, event, finding)
        self._log(said)
        if said.lines:
            self._finding((finding[0], self._warning or finding[1]), event)
        self._warning = ""
        return event.rip + bugs.UD2_SIZE

    def warning(self, text: str) -> None:
        """__warn_printk(): WARN() says this and runs into its ud2 next."""
        self._warning = text.rstrip("\n")
        for level, line in warn.head(4, self._warning):
            self.kernel.printk(level, line)

    def _conclude(self, said: Report, event: Event, finding: tuple[str, str]) -> NoReturn:
        """Log an oops or a panic, and end what it ends."""
        self._log(said)
        self._finding(finding, event)
        self.kernel.cpu.preempt_count = 0
        self.kernel.cpu.interrupts = True
        if said.action == PANIC:
            raise KernelPanic(self.health.panicked)
        raise Killed(said.signal, finding[1])

    def _finding(self, finding: tuple[str, str], event: Event) -> None:
        kind, message = finding
        rip = event.rip if event.registers[arch.RIP] else 0
        self.kernel.check.finding(kind, message, at=self._at(event), pc=rip, address=event.address)

    def _at(self, event: Event) -> tuple[int, ...]:
        return tuple(self._trace)

    # Kernel functions

    def kernel_error(self, error: Exception, rip: Virt) -> int:
        """A kernel function met the guest's bug: a bad pointer, BUG(), panic()."""
        if isinstance(error, GuestFault):
            return self._bad_pointer(error, rip)
        event = self.event(0)
        if isinstance(error, KernelBug):
            return self._conclude(warn.bug(self.health, event, error.site, *error.arguments), event, findings.site(error.site, *error.arguments))
        if isinstance(error, KernelPanic):
            self._conclude(report.panic(self.health, event, str(error)), event, findings.panic(str(error)))
        raise error

    def _bad_pointer(self, error: GuestFault, rip: Virt) -> int:
        canonical = arch.canonical(error.address)
        vector = arch.PAGE_FAULT if canonical else arch.GENERAL_PROTECTION
        event = self.event(vector, address=error.address, error=arch.PF_WRITE if error.write else 0)
        return self._exception(vector, event)

    def stack_smashed(self) -> NoReturn:
        """__stack_chk_fail()."""
        k = self.kernel
        caller = self.place_symbol(k.cpu.stack()[0]) if k.cpu.stack() else "?"
        event = self.event(0)
        self._conclude(faults.stack_smashed(self.health, event, caller), event, findings.stack_smash(caller))

    def bug(self, site: str, *arguments: object) -> NoReturn:
        """BUG() of a kernel function, at a site that runtime.oops.sites knows, with the arguments of its message."""
        raise KernelBug(site, *arguments)

    def warn(self, site: str, *arguments: object, address: Virt = 0) -> None:
        """WARN() of a kernel function, at a site that runtime.oops.sites knows, with the arguments of its message."""
        said = warn.warn(self.health, self.event(0), site, *arguments)
        self._log(said)
        if said.lines:
            kind, message = findings.site(site, *arguments)
            self.kernel.check.finding(kind, message, address=address)

    def warn_at(self, function: str, file: str, line: int, message: str = "") -> None:
        """WARN() of an allocator, which knows its place in Linux's source and decides itself how often it speaks."""
        event = self.event(0)
        self._log(warn.warn_at(self.health, event, function, file, line, message))
        self.kernel.check.finding("warn", f"{function}: {message or f'warning at {file}:{line}'}")

    def might_sleep(self, what: str) -> None:
        """A function that may sleep is called; Debian's kernel says nothing where it must not."""
        if self.kernel.cpu.in_atomic():
            self.kernel.check.finding("sleep-in-atomic", f"{what} may sleep; called in atomic context")

    def schedule(self) -> None:
        """The current task gives the CPU away: a BUG, which does not stop it, where preemption is off. Linux: __schedule_bug()"""
        cpu = self.kernel.cpu
        if cpu.preempt_count:
            event = self.event(0)
            event.preempt = cpu.preempt_count + 1
            self._log(warn.scheduling_while_atomic(self.health, event))
            self.kernel.check.finding(*findings.scheduling_while_atomic(event.preempt))
            cpu.preempt_count = 0
        elif not cpu.interrupts:
            self.kernel.check.finding("sleep-in-atomic", "sleeps with interrupts off")

    def sleeps_forever(self, what: str) -> NoReturn:
        """Nobody will ever wake the task."""
        message = f"{what}: nothing wakes this task"
        self.kernel.check.finding("hang", message)
        raise Killed(9, message)

    def deadlock(self, lock: Virt, what: str) -> NoReturn:
        """The only CPU that runs waits for what it holds itself: on a real machine it would spin forever."""
        message = f"deadlock: the {what} at {lock:#x} is wanted by the CPU that holds it"
        self.kernel.check.finding("hang", message, address=lock)
        raise Killed(9, message)

    def dump_stack(self) -> None:
        """dump_stack()."""
        for level, text in pieces.dump_stack(self.health, self.event(0)):
            self.kernel.printk(level, text)

    def hang(self) -> NoReturn:
        """The instruction budget is spent."""
        event = self.event(0)
        where = self.kernel.places.text(event.rip, 0)
        self.kernel.check.finding("hang", f"the guest does not come to an end; it is at {where}", at=self._at(event), pc=event.rip)
        raise Killed(9, f"hang at {where}")

    def check_balance(self, function: Virt, what: str) -> None:
        """init or exit has returned: preemption and interrupts have to be as they were. Linux: init/main.c, do_one_initcall()"""
        k, cpu = self.kernel, self.kernel.cpu
        wrong = []
        if cpu.preempt_count:
            wrong.append("preemption imbalance ")
            cpu.preempt_count = 0
        if not cpu.interrupts:
            wrong.append("disabled interrupts ")
            cpu.interrupts = True
        if wrong:
            name = k.symbols.describe(function)
            if what == "init":
                self.warn("initcall", name, "".join(wrong))
            return
            k.check.finding("atomic-imbalance", f"{what} function {name} returned with {''.join(wrong).strip()}", at=(), pc=function)

    # Plain data about the present state

    def event(self, vector: int, address: Virt = 0, error: int = 0) -> Event:
        """The processor as it is, for a report."""
        k, cpu = self.kernel, self.kernel.cpu
        registers = cpu.registers()
        rip, task = registers[arch.RIP], k.current
        self._trace = cpu.trace()
        if vector == arch.PAGE_FAULT and not address:
            address, error = cpu.engine.cr2, cpu.engine.error_code
        return Event(
            k.symbols.describe(rip), registers, eflags=self._eflags(), code=self._code(rip),
            frames=[self.frame(ip) for ip in self._trace], modules=k.modules.flags(), cpu=cpu.number, pid=task.pid, comm=task.comm,
            preempt=cpu.preempt_count, gs=k.percpu.base(cpu.number), cr=cpu.engine.control(), error=error, address=address,
            walk=tuple(k.tables.walk(address)) if vector == arch.PAGE_FAULT else (), stack=(task.stack, task.stack_top),
        )  # fmt: skip

    def frame(self, ip: Virt) -> str:
        """A return address as a trace shows it: named by the call before it."""
        symbol = self.kernel.symbols.lookup(ip - 1)
        return str(symbol._replace(offset=symbol.offset + 1)) if symbol is not None else f"{ip:#x}"

    place_symbol = frame

    def place(self, ip: Virt) -> str:
        """`bar+0x12 (file.c:34)`, for our own messages; ip is a return address."""
        return self.kernel.places.text(ip)

    def _eflags(self) -> int:
        flags = self.kernel.cpu.engine.eflags
        return flags | 0x200 if self.kernel.cpu.interrupts else flags & ~0x200

    def _code(self, rip: Virt) -> bytes | None:
        try:
            return self.kernel.mem.read(rip - CODE_BEFORE, CODE_SIZE)
        except GuestFault:
            return None

    def _log(self, said: Report) -> None:
        for level, text in said.lines:
            self.kernel.printk(level, text)

    # jiffies

    def watch_jiffies(self, virt: Virt, phys: int) -> None:
        """From now on each read of jiffies moves time."""
        self.jiffies, self._jiffies_phys = virt, phys
        self.kernel.tables.unmap_page(virt)

    def _show_jiffies(self, rip: Virt) -> int:
        """Map the page for one instruction."""
        k = self.kernel
        k.ram.put64(self._jiffies_phys, k.clock.spin())
        k.tables.map_page(self.jiffies, self._jiffies_phys, arch.KERNEL & ~arch.PTE_DIRTY)
        k.cpu.engine.eflags |= _TRAP_FLAG
        return rip

    def _hide_jiffies(self) -> bool:
        engine = self.kernel.cpu.engine
        if not engine.eflags & _TRAP_FLAG:
            return False
        engine.eflags &= ~_TRAP_FLAG
        self.kernel.tables.unmap_page(self.jiffies)
        return True
