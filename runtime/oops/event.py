"""What was going on when something went wrong: one plain object, filled by the CPU room, read by every report.

Names (`where`, `frames`) are already symbolised by the caller, as `%pS` and `%pB` print them.
"""

from runtime.arch import x86_64 as arch
from runtime.units import Virt

CODE_BEFORE = 42  # bytes of code that a report shows before rip, and
CODE_SIZE = 64  # in all
EFLAGS_IF = 1 << 9
IN_INTERRUPT = 0x00FFFF00  # preempt_count: NMI, hard and soft interrupts (and bottom halves disabled)


class Event:
    """The state of one CPU at one instruction.

    where       rip as `f+0x1f/0x60 [mod]`, or as a bare number where no symbol has it
    registers   17 values in the order of arch.REGISTERS (rax rcx rdx rbx rsp rbp rsi rdi r8..r15 rip)
    code        CODE_SIZE bytes from rip - CODE_BEFORE; None where one of them cannot be read
    instruction the up to 15 bytes at rip that can be read (general protection faults)
    frames      the call trace, innermost first, without rip itself
    modules     `name(OE+)`, newest first (taint.module_flags)
    preempt     preempt_count without the need-resched bit: 0, 1 with one spinlock held ...
    walk        page table entries from the top table down to the first that is absent or a page (page faults)
    stack       (lowest, end) of the task's kernel stack, in bytes of virt
    entry       the event that an exception interrupted, where this one is inside its handler
    """

    __slots__ = (
        "address", "code", "comm", "cpu", "cr", "eflags", "entry", "error", "frames", "fs", "gs", "instruction",
        "modules", "pid", "preempt", "registers", "stack", "uid", "walk", "where",
    )  # fmt: skip

    def __init__(
        self, where: str, registers: tuple[int, ...] = (0,) * 17, *, eflags: int = 0x246, code: bytes | None = None,
        instruction: bytes = b"", frames: list[str] | None = None, modules: list[str] | None = None, cpu: int = 0,
        pid: int = 0, comm: str = "", preempt: int = 0, fs: int = 0, gs: int = 0,
        cr: tuple[int, int, int, int] = (0, 0, 0, 0), error: int = 0, address: Virt = 0, walk: tuple[int, ...] = (),
        stack: tuple[Virt, Virt] = (0, 0), uid: int = 0, entry: "Event | None" = None,
    ) -> None:  # fmt: skip
        """cr: CR0, CR2, CR3, CR4; error, address: the error code and CR2 of a page fault."""
        self.where, self.registers, self.eflags, self.code = where, registers, eflags, code
        self.instruction = instruction
        self.frames, self.modules = frames or [], modules or []
        self.cpu, self.pid, self.comm, self.preempt, self.uid = cpu, pid, comm, preempt, uid
        self.fs, self.gs, self.cr = fs, gs, cr
        self.error, self.address, self.walk, self.stack, self.entry = error, address, walk, stack, entry

    @property
    def rip(self) -> Virt:
        """Where it happened."""
        return self.registers[arch.RIP]

    @property
    def code_start(self) -> Virt:
        """The address of the first byte that `Code:` shows."""
        return self.rip - CODE_BEFORE & arch.POINTER_MASK

    @property
    def interrupts_on(self) -> bool:
        """Were interrupts enabled?"""
        return bool(self.eflags & EFLAGS_IF)

    @property
    def in_interrupt(self) -> bool:
        """Is this an interrupt handler's context? An oops there is a panic."""
        return bool(self.preempt & IN_INTERRUPT)
