"""printk.h: the kernel log.

Linux: kernel/printk/printk.c, kernel/panic.c, lib/dynamic_debug.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import VaList, const_char_p, int_, pointer
from runtime.errors import KernelPanic, Unsupported
from runtime.kernel import Kernel

va_list_p = Annotated[int, pointer("__va_list_tag")]
ddebug_p = Annotated[int, pointer("_ddebug")]
dev_printk_info_p = Annotated[int, pointer("dev_printk_info")]
pt_regs_p = Annotated[int, pointer("pt_regs")]

_PANIC_MAX = 1023  # bytes of panic()'s text
_PREFIX_MAX = 63  # bytes that dynamic debug puts before a message


def shown(text: bytes) -> str:
    """A text of the log for our own messages."""
    return text.decode("utf-8", "backslashreplace")


@export
def _printk(k: Kernel, fmt: const_char_p, va: VaList) -> int_:
    """Log a message: KERN_WARNING where the format gives no level; without a newline at its end KERN_CONT may go on.

    Return: bytes logged, without marks and newline.
    """
    return k.log.printk(k.printf.formats[k.mem.cstr(fmt)](va.u64))  # as k.printf.print() does


@export
def vprintk(k: Kernel, fmt: const_char_p, args: va_list_p) -> int_:
    arguments = k.printf.arguments(args)
    text = k.printf.print(fmt, arguments)
    arguments.store()
    return k.log.printk(text)


@export
def vprintk_default(k: Kernel, fmt: const_char_p, args: va_list_p) -> int_:
    return vprintk(k, fmt, args)


@export
def vprintk_emit(
    k: Kernel, facility: int_, level: int_, dev_info: dev_printk_info_p, fmt: const_char_p, args: va_list_p
) -> int_:
    """level: -1 takes it from the text, -2 too (the scheduler's). dev_info: the record is never continued.

    Raises: Unsupported for messages that are not the kernel's own (facility other than 0).
    """
    if facility:
        raise Unsupported(f"vprintk_emit() with facility {facility}")
    arguments = k.printf.arguments(args)
    text = k.printf.print(fmt, arguments)
    arguments.store()
    return k.log.printk(text, max(level, -1), whole=dev_info != 0)


@export
def __warn_printk(k: Kernel, fmt: const_char_p, va: VaList) -> None:
    """The message of a WARN(), which runs into its ud2 next."""
    k.trouble.warning(k.printf.print(fmt, va))


@export
def panic(k: Kernel, fmt: const_char_p, va: VaList) -> None:
    """The end of the machine. Raises: KernelPanic, with at most 1023 bytes of the message."""
    raise KernelPanic(shown(k.printf.print(fmt, va)[:_PANIC_MAX].removesuffix(b"\n")))


@export
def nmi_panic(k: Kernel, regs: pt_regs_p, msg: const_char_p) -> None:
    """panic() with a plain text."""
    raise KernelPanic(shown(k.printf.render(b"%s", msg)[:_PANIC_MAX].removesuffix(b"\n")))


@export
def dump_stack(k: Kernel) -> None:
    """Log who calls whom here."""
    k.trouble.dump_stack()


# Dynamic debug


def debug_prefix(k: Kernel, descriptor: int) -> bytes:
    """What the flags of a pr_debug() site put before its message: `[pid] module:function:line: `."""
    site = k.abi.view("_ddebug")(k.mem, descriptor)
    flags = site.flags  # bit 1 module, 2 function, 3 line, 4 thread
    thread = (b"<intr> " if k.cpu.in_interrupt() else b"[%d] " % k.current.pid) if flags & 16 else b""
    parts = [
        k.mem.cstr(site.modname) if flags & 2 else b"",
        k.mem.cstr(site.function) if flags & 4 else b"",
        b"%d" % site.lineno if flags & 8 else b"",
    ]
    place = b"".join(part + b":" for part in parts if part)
    return (thread + place + (b" " if place else b""))[:_PREFIX_MAX]


@export
def __dynamic_pr_debug(k: Kernel, descriptor: ddebug_p, fmt: const_char_p, va: VaList) -> None:
    """pr_debug() at a site that is switched on: the caller has looked."""
    k.log.printk(b"\0017" + debug_prefix(k, descriptor) + k.printf.print(fmt, va))


# Variables


@export_data(16)
def console_printk(k: Kernel, at: int) -> None:
    """Levels: what the console shows, what a message without a level has, the lowest to set, the default to show."""
    const = k.abi.const
    default, message = const["CONSOLE_LOGLEVEL_DEFAULT"], const["MESSAGE_LOGLEVEL_DEFAULT"]
    for i, level in enumerate((default, message, const["CONSOLE_LOGLEVEL_MIN"], default)):
        k.mem.put32(at + 4 * i, level)


@export_data(4)
def oops_in_progress(k: Kernel, at: int) -> None:
    """Not 0 while an oops is printed, which no module code sees."""
    k.mem.put32(at, 0)


@export_data(1)
def no_hash_pointers(k: Kernel, at: int) -> None:
    """The parameter of this name was given to the kernel."""
    k.mem.put8(at, not k.printf.hash_pointers)
