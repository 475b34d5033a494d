"""What the kernel says when something goes wrong: exceptions, WARN, BUG, panic, and the reports of its own checks.

Everything here turns plain data (an Event: registers, names, frames) into lines of the log and into what happens next.
Nothing touches the CPU, and nothing is printed; the caller does both.
"""

from runtime.oops.event import Event
from runtime.oops.health import Health
from runtime.oops.report import CONTINUE, KILL, PANIC, Report

__all__ = ["CONTINUE", "KILL", "PANIC", "Event", "Health", "Report"]
