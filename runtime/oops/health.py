"""How well this kernel still is: taint, oopses so far, and what the texts of all reports have in common."""

from collections.abc import Callable

from runtime.oops import taint
from runtime.oops.event import Event
from runtime.undo import Undo
from runtime.units import Virt

Line = tuple[int, str]
"""(level, text): one line of the log."""

EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO = range(7)


class Health:
    """The state that reports read and change; every change is journalled.

    banner      what stands behind the taint in a report's `CPU:` line: release, number, package
    pointer     how %p prints an address (hashed, in Linux)
    hardware    the text of `Hardware name:`; None leaves the line out, as a machine without DMI does
    """

    def __init__(
        self,
        undo: Undo,
        pointer: Callable[[Virt], str] = "{:016x}".format,
        banner: str = "6.1.0-56-amd64 #1  Debian 6.1.192-2",
        hardware: str | None = None,
    ) -> None:
        self.pointer, self.banner, self.hardware = pointer, banner, hardware
        self.taint = 0
        self.oopses = 0
        self.locks_debugged = True
        self.first: Event | None = None
        """The first oops: each later one ends with its registers."""
        self.last_unloaded = ""
        self.panicked = ""
        """The reason, once this kernel has panicked."""
        self.panic_on_oops = self.panic_on_warn = False
        self.warning = ""
        """What __warn_printk() said last: the text of the WARN whose ud2 comes next."""
        self.said: dict[str, bool] = undo.dict()
        """Sites of WARN_ON_ONCE and its kin that have spoken."""
        undo.adopt(self)

    def add_taint(self, bit: int, lock_debugging: bool = True) -> list[Line]:
        """Set a taint bit. lock_debugging=False: locks cannot be trusted any more, which is said once."""
        lines = [] if lock_debugging else self.stop_lock_debugging(say=True)
        self.taint |= 1 << bit
        return lines

    def stop_lock_debugging(self, say: bool = False) -> list[Line]:
        """Lock debugging ends with the first oops, silently, or with the first taint that makes it pointless."""
        was, self.locks_debugged = self.locks_debugged, False
        return [(WARNING, "Disabling lock debugging due to kernel taint")] if was and say else []

    def once(self, site: str) -> bool:
        """True for the first call with this site."""
        if site in self.said:
            return False
        self.said[site] = True
        return True

    def task_lines(self, event: Event) -> list[Line]:
        """`CPU: 0 PID: 91 Comm: insmod ...`, and the hardware. Linux: lib/dump_stack.c, dump_stack_print_info(), 6.1"""
        who = f"CPU: {event.cpu} PID: {event.pid} Comm: {event.comm[:20]} {taint.text(self.taint)} {self.banner}"
        return [(WARNING, who)] + ([] if self.hardware is None else [(WARNING, f"Hardware name: {self.hardware}")])

    def module_lines(self, event: Event) -> list[Line]:
        """`Modules linked in: ...`. Linux: kernel/module/main.c, print_modules(), 6.1"""
        last = [f"[last unloaded: {self.last_unloaded}]"] if self.last_unloaded else []
        return [(WARNING, " ".join(["Modules linked in:", *event.modules, *last]))]
