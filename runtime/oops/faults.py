"""Page faults and the other exceptions that nothing has fixed up (extable.py): the oops of each.

Linux: arch/x86/mm/fault.c; arch/x86/kernel/traps.c, 6.1
"""

from runtime.arch import x86_64 as arch
from runtime.oops import decode
from runtime.oops.event import Event
from runtime.oops.health import ALERT, CRIT, EMERG, INFO, WARNING, Health, Line
from runtime.oops.report import SIGKILL, Report, die, panic
from runtime.units import PAGE_SIZE, Virt

_LEVELS = ("PUD", "PMD", "PTE")
_NAMES = {
    arch.DIVIDE_ERROR: "divide error",
    arch.DEBUG: "debug",
    arch.BREAKPOINT: "int3",
    4: "overflow",
    5: "bounds",
    arch.INVALID_OPCODE: "invalid opcode",
    arch.DOUBLE_FAULT: "double fault",
    10: "invalid TSS",
    11: "segment not present",
    arch.STACK_SEGMENT: "stack segment",
    16: "math error",
    arch.ALIGNMENT_CHECK: "alignment check",
    19: "simd exception",
}


def page_fault(health: Health, event: Event) -> Report:
    """An access that the page tables do not allow. event: error, address, walk and stack are needed."""
    low, end = event.stack
    if end and low - PAGE_SIZE <= event.address < low:
        return stack_overflow(health, event)
    return die(
        health, event, "Oops", _fault_lines(event), signal=SIGKILL, interrupts_on=_interrupts_on(event),
        after=((WARNING, f"CR2: {event.address:016x}"),),
    )  # fmt: skip


def _fault_lines(event: Event) -> list[Line]:
    address, error = event.address, event.error
    fetch, write = error & arch.PF_INSTR, error & arch.PF_WRITE
    null = address < PAGE_SIZE
    what = "kernel NULL pointer dereference, address" if null else "unable to handle page fault for address"
    access = "instruction fetch" if fetch else "write access" if write else "read access"
    return [
        *(_not_executable(event) if fetch else []),
        (ALERT, f"BUG: {what}: {address:016x}"),
        (ALERT, f"#PF: {'user' if error & arch.PF_USER else 'supervisor'} {access} in kernel mode"),
        (ALERT, f"#PF: error_code({error:#06x}) - {_reason(error)}"),
        (INFO, _walk(event.walk)),
    ]


def _reason(error: int) -> str:
    if not error & arch.PF_PROT:
        return "not-present page"
    return "reserved bit violation" if error & arch.PF_RSVD else "permissions violation"


def _not_executable(event: Event) -> list[Line]:
    """A fetch from a page that is there: why it was refused."""
    leaf = event.walk[-1] if event.walk else 0
    if not leaf & arch.PTE_PRESENT:
        return []
    if leaf & arch.PTE_NX:
        return [(CRIT, f"kernel tried to execute NX-protected page - exploit attempt? (uid: {event.uid})")]
    smep = event.walk[0] & arch.PTE_USER and event.cr[3] >> 20 & 1
    return [(CRIT, f"unable to execute userspace code (SMEP?) (uid: {event.uid})")] if smep else []


def _walk(entries: tuple[int, ...]) -> str:
    """`PGD 0 P4D 0 `: with four levels the fourth is folded into the top one. Linux: dump_pagetable()"""
    top, *rest = entries or (0,)
    text = f"PGD {top:x} P4D {top:x} "
    parts = [f"{name} {entry:x}" for name, entry in zip(_LEVELS, rest, strict=False)]
    return text + " ".join(parts) + (" " if parts and len(parts) < len(_LEVELS) else "")


def _interrupts_on(event: Event) -> bool:
    """The handler enables interrupts only where it might page in: a user address, in process context, not a fetch."""
    user = event.address < arch.TASK_SIZE_MAX
    return user and not event.error & arch.PF_INSTR and not event.preempt and event.interrupts_on


def stack_overflow(health: Health, event: Event) -> Report:
    """The page below the stack was touched: a panic. event.address and stack are needed.

    Linux: arch/x86/kernel/traps.c, handle_stack_overflow(), which runs as an interrupt does, 6.1
    """
    low, end = event.stack
    event.error = 0
    hit, start, stop = (health.pointer(virt) for virt in (event.address, low, end))
    head = f"BUG: TASK stack guard page was hit at {hit} (stack is {start}..{stop})"
    return die(health, event, "stack guard page", [(EMERG, head)], interrupt=True)


def general_protection(health: Health, event: Event, operand: tuple[Virt, int] | None = None) -> Report:
    """A non-canonical address, most often. operand: (address, bytes), where event.instruction does not tell."""
    text = "general protection fault"
    if event.error:
        return die(health, event, f"segment-related {text}", [])
    found = operand or decode.operand_address(event)
    if found is not None:
        hint = "probably for non-canonical address" if decode.is_noncanonical(*found) else "maybe for address"
        text = f"{text}, {hint} {found[0]:#x}"
    return die(health, event, text, [])


def exception(health: Health, event: Event, vector: int) -> Report:
    """Any other exception, by its vector. int3 and double faults count as interrupts, and an oops in one is a panic."""
    if vector == arch.DOUBLE_FAULT:
        head = [(EMERG, f"PANIC: double fault, error_code: {event.error:#x}")]
        return die(health, event, _NAMES[vector], head, interrupt=True)
    name = _NAMES.get(vector, f"exception {vector}")
    return die(health, event, name, [], interrupt=vector in (arch.BREAKPOINT, arch.NMI))


def stack_smashed(health: Health, event: Event, caller: str) -> Report:
    """__stack_chk_fail(): a function found its canary overwritten. caller: it, as `f+0x61/0xfe7 [mod]`."""
    return panic(health, event, f"stack-protector: Kernel stack is corrupted in: {caller}")
