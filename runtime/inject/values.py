"""How the values of a plan's words are written: each form reads a text and prints the same back."""

import errno
from collections.abc import Callable
from typing import Any, NamedTuple

# Errors that only exist inside the kernel. Linux: include/linux/errno.h, 6.1
_KERNEL_ERRORS = {"ERESTARTSYS": 512, "EPROBE_DEFER": 517, "ENOTSUPP": 524}
NULL = "NULL"
MILLION = 1_000_000
ULONG_MAX = (1 << 64) - 1
SPAN_END = 1 << 64


class Form(NamedTuple):
    """read(text) -> value, or a ValueError; show(value) -> the text; possible: what may stand there."""

    read: Callable[[str], Any]
    show: Callable[[Any], str]
    possible: str


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError
    return int(text)


def _at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = -_digits(text[1:]) if text.startswith("-") else _digits(text)
        if value < least:
            raise ValueError
        return value

    return read


def _percent(text: str) -> int:
    """Millionths of a percent."""
    whole, _, part = text.removesuffix("%").partition(".")
    if not text.endswith("%") or len(part) > 6 or text.endswith(".%"):
        raise ValueError
    value = _digits(whole) * MILLION + (_digits(part) * 10 ** (6 - len(part)) if part else 0)
    if value > 100 * MILLION:
        raise ValueError
    return value


def _show_percent(value: int) -> str:
    whole, part = divmod(value, MILLION)
    return f"{whole}.{part:06}".rstrip("0").rstrip(".") + "%"


def _whole_percent(text: str) -> int:
    # Linux takes more than 100, which is 100.
    return _digits(text) * MILLION


def _flag(text: str) -> bool:
    if text not in ("Y", "N", "y", "n", "1", "0"):
        raise ValueError
    return text in "Yy1"


def _address(text: str) -> int:
    value = int(text.removeprefix("0x"), 16) if text.startswith("0x") else _digits(text)
    if not 0 <= value <= ULONG_MAX:
        raise ValueError
    return value


def _span(text: str) -> tuple[int, int]:
    low, dots, high = text.partition("..")
    if not dots:
        return (_digits(low), _digits(low))
    first, last = _digits(low) if low else 0, _digits(high) if high else SPAN_END
    if first > last or not (low or high):
        raise ValueError
    return first, last


def _show_span(span: tuple[int, int]) -> str:
    low, high = span
    if high == SPAN_END:
        return f"{low}.."
    return str(low) if low == high else f"{low or ''}..{high}"


def _site(text: str) -> tuple[str, int]:
    file, _, line = text.partition(":")
    if not file or (":" in text and not _digits(line)):
        raise ValueError
    return file, int(line or 0)


def _name(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split("|"))
    if not all(names):
        raise ValueError
    return names


def _error(text: str) -> str:
    if text != NULL and not errno_of(text):
        raise ValueError
    return text


def _stack(text: str) -> int:
    if len(text) != 8 or not all(c in "0123456789abcdef" for c in text):
        raise ValueError
    return int(text, 16)


def choice(*names: str) -> Form:
    """One of these words."""

    def read(text: str) -> str:
        if text not in names:
            raise ValueError
        return text

    return Form(read, str, f"{', '.join(names[:-1])} or {names[-1]}")


def errno_of(name: str) -> int:
    """12 for ENOMEM; 0 where there is no such error."""
    return _KERNEL_ERRORS.get(name, getattr(errno, name, 0)) if name[:1] == "E" else 0


def error_value(name: str) -> int:
    """What a function returns that fails so: 0 for NULL, -12 for ENOMEM."""
    return -errno_of(name)


def error_name(value: int) -> str:
    """NULL for 0, ENOMEM for -12."""
    own = {number: name for name, number in _KERNEL_ERRORS.items()}
    return NULL if not value else own.get(-value) or errno.errorcode.get(-value, str(value))


POSITIVE = Form(_at_least(1), str, "a number from 1 on")
NUMBER = Form(_at_least(0), str, "a number")
TIMES = Form(_at_least(-1), str, "a number, or -1 for no limit")
BYTES = Form(_at_least(0), str, "a number of bytes")
PERCENT = Form(_percent, _show_percent, "a percentage such as 5% or 0.5%")
WHOLE_PERCENT = Form(_whole_percent, lambda value: str(value // MILLION), "a percentage without its sign, such as 5")
FLAG = Form(_flag, lambda value: "Y" if value else "N", "Y or N")
ADDRESS = Form(_address, lambda value: f"{value:#x}", "an address such as 0xffffffffc0000000")
SPAN = Form(_span, _show_span, "a number, or a range such as 64..128")
SITE = Form(_site, lambda site: f"{site[0]}:{site[1]}" if site[1] else site[0], "a place such as foo.c:42")
NAME = Form(_name, str, "a name")
NAMES = Form(_names, "|".join, "names such as GFP_ATOMIC or GFP_KERNEL|__GFP_ZERO")
STACK = Form(_stack, lambda value: f"{value:08x}", "eight hexadecimal digits, as the report of a failure gives them")
ERROR = Form(_error, str, "the name of an error such as EBUSY, or NULL")
