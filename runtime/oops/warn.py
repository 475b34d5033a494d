"""WARN and BUG: in a module (by its __bug_table), or in a kernel function of ours (at the site in sites.py).

Linux: kernel/panic.c, __warn(); lib/bug.c, report_bug(); arch/x86/kernel/traps.c, handle_bug(), 6.1
"""

from runtime.memory import Memory
from runtime.oops import bugs, faults, pieces, sites, taint
from runtime.oops.bugs import Bug
from runtime.oops.event import Event
from runtime.oops.health import CRIT, ERR, WARNING, Health, Line
from runtime.oops.report import CONTINUE, Report, die, panic


def invalid_opcode(health: Health, memory: Memory, event: Event, bug: Bug | None) -> Report:
    """The guest ran into an invalid opcode; bug: what bugs.find() says of it.

    After a Report with action CONTINUE the guest goes on at rip + bugs.UD2_SIZE.
    """
    if bug is None:
        return faults.exception(health, event, 6)
    if bug.is_silent:
        return Report([])
    head = [] if bug.flags & bugs.NO_CUT_HERE else [pieces.CUT_HERE]
    if not bug.is_warning:
        return die(health, event, "invalid opcode", [*head, (CRIT, f"kernel BUG at {bug.file}:{bug.line}!")])
    bugs.mark_done(memory, bug)
    return _warn(health, event, head, f"{bug.file}:{bug.line}", bug.taint)


def _warn(health: Health, event: Event, before: list[Line], place: str, taint_bit: int) -> Report:
    first = (WARNING, f"WARNING: CPU: {event.cpu} PID: {event.pid} at {place} {event.where}")
    lines = [*before, first, *health.module_lines(event), *pieces.show_registers(health, event)]
    if health.panic_on_warn:
        health.panic_on_warn = False
        event.entry = event
        return panic(health, event, "kernel: panic_on_warn set ...", lines)
    return Report([*lines, pieces.END_TRACE, *health.add_taint(taint_bit)])


def warn(health: Health, event: Event, name: str, *args: object) -> Report:
    """WARN() at a site of the kernel (sites.WARNINGS), with the arguments of its message.

    Empty where the site speaks once per boot, and has.
    Sets event.where to the kernel function that Linux names there.
    """
    function, file, line, once, level, message = sites.WARNINGS[name]
    if once and not health.once(name):
        return Report([])
    event.where = function
    said = [(level, message.format(*args))] if message else []
    return _warn(health, event, [pieces.CUT_HERE, *said], f"{file}:{line}", taint.WARN)


def warn_at(health: Health, event: Event, function: str, file: str, line: int, message: str = "") -> Report:
    """WARN() of an allocator, which knows its place in Linux's source, has its message ready, and decides itself how
    often it speaks.

    Where sites.WARNINGS has that place, the function is named as Linux names it there, inlined or cold.
    """
    site = sites.BY_PLACE.get((file, line))
    event.where, level = (sites.WARNINGS[site][0], sites.WARNINGS[site][4]) if site else (function, WARNING)
    said = [(level, message)] if message else []
    return _warn(health, event, [pieces.CUT_HERE, *said], f"{file}:{line}", taint.WARN)


def bug(health: Health, event: Event, name: str, *args: object) -> Report:
    """BUG() at a site of the kernel (sites.BUGS), with the arguments of what it says before.

    Sets event.where, as warn() does.
    """
    function, file, line, level, message = sites.BUGS[name]
    said = [(level, message.format(*args))] if message else []
    return bug_at(health, event, function, file, line, said)


def bug_at(health: Health, event: Event, function: str, file: str, line: int, said: list[Line] | None = None) -> Report:
    """BUG() anywhere in a kernel function; function: as `f+0x1/0x2`. Sets event.where to it."""
    event.where = function
    head = [*(said or []), pieces.CUT_HERE, (CRIT, f"kernel BUG at {file}:{line}!")]
    return die(health, event, "invalid opcode", head)


def scheduling_while_atomic(health: Health, event: Event) -> Report:
    """schedule() with a spinlock held or preemption off.

    event.preempt counts schedule()'s own level, too: 2 for one lock. The task sleeps all the same, and comes back with
    a preempt_count of 0, as if all had been given back. Linux: kernel/sched/core.c, __schedule_bug(), 6.1
    """
    head = (ERR, f"BUG: scheduling while atomic: {event.comm}/{event.pid}/{event.preempt:#010x}")
    lines = [head, *health.module_lines(event), *pieces.dump_stack(health, event)]
    return Report(lines + health.add_taint(taint.WARN), CONTINUE)


def initcall_imbalance(health: Health, event: Event, function: str, preempt: bool, interrupts_off: bool) -> Report:
    """init came back with a lock held or interrupts off, which Linux repairs before it goes on.

    function: its name as `f+0x0/0x1000 [mod]`. Linux: init/main.c, do_one_initcall(), 6.1
    """
    what = ("preemption imbalance " if preempt else "") + ("disabled interrupts " if interrupts_off else "")
    return warn(health, event, "initcall", function, what)


def head(health: Health, level: int, text: str) -> list[Line]:
    """What WARN(1, text) logs before its ud2: __warn_printk(). Linux: kernel/panic.c, 6.1"""
    health.warning = text
    return [pieces.CUT_HERE, (level, text)]
