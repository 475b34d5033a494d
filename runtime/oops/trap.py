"""One door for the CPU room: an exception of the guest comes in, a Report with all that follows goes out.

In the order of Linux: exception tables first, then WARN and BUG, then the oops.
Linux: arch/x86/kernel/traps.c; arch/x86/mm/fault.c, 6.1
"""

from collections.abc import Iterable

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.memory import Memory
from runtime.oops import bugs, extable, faults, findings, sites, warn
from runtime.oops.event import Event
from runtime.oops.health import Health
from runtime.oops.report import Report
from runtime.units import Virt

Table = tuple[Virt, int]
"""(address of a section, number of its entries)"""


def fixed(health: Health, memory: Memory, event: Event, vector: int, ex_tables: Iterable[Table]) -> Report | None:
    """What an exception table says to do; None: nothing, and trap() is next.

    Of event only registers, address and instruction are needed, unless the Report would have lines (event.frames ...),
    which it has once per boot: for a general protection fault in an access to user memory.
    """
    fix = extable.fix(memory, ex_tables, event, vector)
    if fix is None:
        return None
    report = _user_access(health, event, fix.site) if fix.site else Report([])
    report.rip, report.registers, report.clear_fs = fix.rip, fix.registers, fix.clear_fs
    return report


def _user_access(health: Health, event: Event, site: str) -> Report:
    """The handler warns, in the context of the fault."""
    handler = Event(
        event.where, event.registers, eflags=event.eflags, code=event.code, frames=event.frames, modules=event.modules,
        cpu=event.cpu, pid=event.pid, comm=event.comm, fs=event.fs, gs=event.gs, cr=event.cr, entry=event,
    )  # fmt: skip
    return kernel_warning(health, handler, site)


def trap(
    health: Health, memory: Memory, event: Event, vector: int, bug_tables: Iterable[Table], place: str = ""
) -> Report:
    """An exception that no exception table wants. place: what the books know of a page fault's address, or ""."""
    if vector == arch.INVALID_OPCODE:
        return _invalid_opcode(health, memory, event, bugs.find(memory, bug_tables, event.rip))
    if vector == arch.PAGE_FAULT:
        finding = findings.page_fault(event, place)
        report = faults.page_fault(health, event)
    elif vector == arch.GENERAL_PROTECTION:
        finding = findings.general_protection(event)
        report = faults.general_protection(health, event)
    else:
        finding = findings.exception(event, vector)
        report = faults.exception(health, event, vector)
    report.finding = finding
    return report


def _invalid_opcode(health: Health, memory: Memory, event: Event, bug: bugs.Bug | None) -> Report:
    silent = bug is not None and bug.is_silent
    report = warn.invalid_opcode(health, memory, event, bug)
    if bug is None:
        report.finding = findings.exception(event, arch.INVALID_OPCODE)
        return report
    if not silent:
        report.finding = findings.bug(bug.file, bug.line, bug.is_warning, health.warning if bug.has_text else "")
    if bug.is_warning:
        report.rip = event.rip + bugs.UD2_SIZE
    return report


def kernel_warning(health: Health, event: Event, site: str, *args: object) -> Report:
    """WARN() in a kernel function; site: a key of sites.WARNINGS. The finding is made even where nothing is logged."""
    report = warn.warn(health, event, site, *args)
    report.finding = findings.site(site, *args)
    return report


def kernel_bug(health: Health, event: Event, site: str, *args: object) -> Report:
    """BUG() in a kernel function; site: a key of sites.BUGS."""
    report = warn.bug(health, event, site, *args)
    report.finding = findings.site(site, *args)
    return report


def kernel_fault(health: Health, event: Event, function: str, fault: GuestFault, place: str = "") -> Report:
    """A kernel function (by the name that it is exported by) ran into a bad pointer that a module gave it.

    event: as of the call, with walk for fault.address. Sets where, address and error.
    """
    event.where = sites.FAULTS.get(function, event.where)
    event.address, event.instruction = fault.address, b""
    if not arch.canonical(fault.address):
        report = faults.general_protection(health, event, (fault.address, 1))
        report.finding = findings.general_protection(event, fault.address)
        return report
    present = bool(event.walk and event.walk[-1] & arch.PTE_PRESENT)
    event.error = arch.PF_PROT * present | arch.PF_WRITE * fault.write | arch.PF_INSTR * fault.fetch
    kind, message = findings.page_fault(event, place)
    report = faults.page_fault(health, event)
    report.finding = kind, f"{function}(): {message}"
    return report
