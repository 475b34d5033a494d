"""A report: the lines of the log, and what becomes of the task or the machine afterwards."""

from runtime.oops import taint
from runtime.oops.event import Event
from runtime.oops.health import EMERG, INFO, WARNING, Health, Line
from runtime.oops.pieces import END_TRACE, dump_stack, registers, show_registers
from runtime.units import Virt

CONTINUE, KILL, PANIC = "continue", "kill", "panic"
SIGKILL, SIGSEGV = 9, 11


class Report:
    """What to log, in this order, and what to do then.

    action      CONTINUE, KILL (end the task by signal; interrupts go on, preempt_count is 0), or PANIC (all ends)
    rip         where the guest goes on after CONTINUE, with `registers` {number: value} changed; None: as it was
    clear_fs    load a null selector into %fs first
    finding     (kind, message), or None
    """

    __slots__ = ("action", "clear_fs", "finding", "lines", "registers", "rip", "signal")

    def __init__(self, lines: list[Line], action: str = CONTINUE, signal: int = 0) -> None:
        self.lines, self.action, self.signal = lines, action, signal
        self.rip: Virt | None = None
        self.registers: dict[int, int] = {}
        self.clear_fs = False
        self.finding: tuple[str, str] | None = None


def die(
    health: Health, event: Event, text: str, before: list[Line], *, signal: int = SIGSEGV,
    interrupts_on: bool | None = None, after: tuple[Line, ...] = (), interrupt: bool = False,
) -> Report:  # fmt: skip
    """End in an oops. before: its head lines; after: what stands between the modules and the end marker.

    interrupts_on: while the oops was handled (the default: as they were where it happened); interrupt: the exception
    counts as an interrupt.
    Linux: arch/x86/kernel/dumpstack.c, __die(), oops_end(), 6.1
    """
    health.stop_lock_debugging()
    health.oopses += 1
    if health.oopses == 1:
        health.first = event
    first = health.first or event
    lines = [*before, (WARNING, f"{text}: {event.error & 0xFFFF:04x} [#{health.oopses}] PREEMPT SMP NOPTI")]
    lines += [*show_registers(health, event), *health.module_lines(event), *after, END_TRACE]
    health.add_taint(taint.DIE)
    lines += registers(first, event)
    if interrupt or event.in_interrupt:
        return panic(health, event, "Fatal exception in interrupt", lines)
    if health.panic_on_oops:
        return panic(health, event, "Fatal exception", lines)
    on = event.interrupts_on if interrupts_on is None else interrupts_on
    return Report(lines + _notes(event, on), KILL, signal)


def _notes(event: Event, interrupts_on: bool) -> list[Line]:
    """In what state the task left. Linux: kernel/exit.c, make_task_dead(), 6.1"""
    note = f"note: {event.comm}[{event.pid}] exited with "
    lines = [] if interrupts_on else [(INFO, note + "irqs disabled")]
    return lines + ([(INFO, f"{note}preempt_count {event.preempt}")] if event.preempt else [])


def panic(health: Health, event: Event, reason: str, before: list[Line] | None = None) -> Report:
    """panic(): no stack is dumped where an oops has done so. Linux: kernel/panic.c, panic(), 6.1"""
    reason = reason.removesuffix("\n")
    lines = [*(before or []), (EMERG, f"Kernel panic - not syncing: {reason}")]
    if not health.taint >> taint.DIE & 1:
        lines += dump_stack(health, event)
    lines += [(EMERG, "Kernel Offset: disabled"), (EMERG, f"---[ end Kernel panic - not syncing: {reason} ]---")]
    health.panicked = reason
    return Report(lines, PANIC)
