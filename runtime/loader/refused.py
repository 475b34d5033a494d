"""Why a module is refused: the errno of insmod, our one-line message, and what Linux logs."""

from errno import ENOEXEC

from runtime.errors import InsmodError

LogLine = tuple[int, str]
"""A line for the kernel log: its level, 0 to 7, and its text without newline."""

KERN_ERR, KERN_WARNING, KERN_NOTICE = 3, 4, 5


class Refused(InsmodError):
    """Linux refuses this module: errno, strerror (one line of ours) and log, the lines that Linux logs."""

    log: tuple[LogLine, ...] = ()


def refused(message: str, *log: LogLine, errno: int = ENOEXEC) -> Refused:
    """Make the exception; the caller raises it."""
    error = Refused(errno, message if message.isprintable() else ascii(message)[1:-1])
    error.log = log
    return error


def linux(text: str, level: int = KERN_ERR, errno: int = ENOEXEC) -> Refused:
    """Make the exception for a case in which the line that Linux logs says enough."""
    return refused(text, (level, text), errno=errno)
