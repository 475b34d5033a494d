"""The parts that reports share: code bytes, registers, call trace, dump_stack().

Linux: arch/x86/kernel/dumpstack.c; arch/x86/kernel/process_64.c, __show_regs(), 6.1
"""

from runtime.arch import x86_64 as arch
from runtime.oops.event import CODE_BEFORE, Event
from runtime.oops.health import WARNING, Health, Line

CUT_HERE: Line = (WARNING, "------------[ cut here ]------------")
END_TRACE: Line = (WARNING, "---[ end trace 0000000000000000 ]---")

_ROWS = ("rax rbx rcx", "rdx rsi rdi", "rbp r8 r9", "r10 r11 r12", "r13 r14 r15")
_KERNEL_CS, _KERNEL_SS = 0x10, 0x18


def code_line(event: Event) -> str:
    """`Code: 55 48 <0f> 0b ...`, or why there is none."""
    code = event.code
    if code is None:
        return f"Code: Unable to access opcode bytes at {event.code_start:#x}."
    return f"Code: {code[:CODE_BEFORE].hex(' ')} <{code[CODE_BEFORE]:02x}> {code[CODE_BEFORE + 1 :].hex(' ')}"


def short_registers(event: Event) -> list[Line]:
    """Where, the code there, and the general registers."""
    values = event.registers
    lines = [
        f"RIP: {_KERNEL_CS:04x}:{event.where}",
        code_line(event),
        f"RSP: {_KERNEL_SS:04x}:{values[arch.RSP]:016x} EFLAGS: {event.eflags:08x}",
    ]
    for row in _ROWS:
        names = row.split()
        lines.append(" ".join(f"{_shown(name)}: {values[arch.REGISTERS.index(name)]:016x}" for name in names))
    return [(WARNING, line) for line in lines]


def _shown(name: str) -> str:
    """A register's name, three columns wide."""
    return f"R0{name[1]}" if len(name) == 2 else name.upper()


def registers(event: Event, now: Event | None = None) -> list[Line]:
    """All registers of event; the control and segment registers are those of `now`, the event that is reported."""
    now = now or event
    cr0, cr2, cr3, cr4 = now.cr
    tail = [
        f"FS:  {now.fs:016x}(0000) GS:{now.gs:016x}(0000) knlGS:{0:016x}",
        f"CS:  {_KERNEL_CS:04x} DS: 0000 ES: 0000 CR0: {cr0:016x}",
        f"CR2: {_cr2(event, cr2):016x} CR3: {cr3:016x} CR4: {cr4:016x}",
    ]
    return [*short_registers(event), *((WARNING, line) for line in tail)]


def _cr2(event: Event, cr2: int) -> int:
    """Reading code that cannot be read is a page fault, too, which the kernel survives: but CR2 has its address now."""
    tried = event.code is None and event.code_start >= arch.PAGE_OFFSET and arch.canonical(event.code_start)
    return event.code_start if tried else cr2


def trace(event: Event) -> list[Line]:
    """The call trace. Frames that nobody can vouch for (`? f+0x1/0x2`) are not guessed."""
    entered = [] if event.entry is None else short_registers(event.entry)
    frames = [(WARNING, f" {frame}") for frame in event.frames]
    return [(WARNING, "Call Trace:"), (WARNING, " <TASK>"), *entered, *frames, (WARNING, " </TASK>")]


def show_registers(health: Health, event: Event) -> list[Line]:
    """Who, where and how: the body of every oops and of a WARN."""
    return [*health.task_lines(event), *registers(event), *trace(event)]


def dump_stack(health: Health, event: Event) -> list[Line]:
    """What dump_stack() logs. Linux: lib/dump_stack.c, dump_stack_lvl(), 6.1"""
    return [*health.task_lines(event), *trace(event)]
