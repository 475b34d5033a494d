"""%pt[RT]: dates and times of day.

Linux: lib/vsprintf.c, time_and_date(); kernel/time/timeconv.c, time64_to_tm(), 6.1
"""

from typing import Any

from runtime.printk.number import ZEROPAD, Spec, number
from runtime.printk.problem import checked, said
from runtime.units import Virt

_TWO = Spec(ZEROPAD, 2)
_FOUR = Spec(ZEROPAD, 4)
_DAY = 86400
_ERA = 146097  # days in 400 years
_WORD = (1 << 64) - 1

Broken = tuple[int, int, int, int, int, int]
"""(second, minute, hour, day from 1, month from 0, years since 1900)"""


@checked
def time(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%ptR: a struct rtc_time, %ptT: seconds since 1970; d, t: only the date, only the time; r: fields as they are; s:
    a blank for the T.
    """
    kind, options = letters[1:2], letters[2:]
    if kind == b"R":
        # User space knows this structure as well: ints in this order, on every architecture.
        second, minute, hour, day, month, year = (printer.mem.i32(pointer + 4 * i) for i in range(6))
        return _render((second, minute, hour, day, month, year), options)
    if kind == b"T":
        return _render(_broken_down(printer.mem.i64(pointer)), options)
    return said(b"(%pt?)", spec)


def _render(when: Broken, options: bytes) -> bytes:
    second, minute, hour, day, month, year = when
    part = options[:1] if options[:1] in (b"d", b"t") else b""
    rest = options[len(part) :]
    rest = rest[: len(rest) - len(rest.lstrip(b"rs"))]
    raw = b"r" in rest
    date = b"-".join((_field(year + (0 if raw else 1900), _FOUR), _field(month + (not raw), _TWO), _field(day, _TWO)))
    clock = b":".join((_field(hour, _TWO), _field(minute, _TWO), _field(second, _TWO)))
    if part:
        return date if part == b"d" else clock
    return date + (b" " if b"s" in rest else b"T") + clock


def _field(value: int, spec: Spec) -> bytes:
    """An int printed as the unsigned 64-bit number that it is widened to."""
    return number(value & _WORD, 10, spec)


def _broken_down(seconds: int) -> Broken:
    """Seconds since 1970 in the Gregorian calendar, which is taken to have no beginning and no end."""
    days, rest = divmod(seconds, _DAY)
    # Years that begin in March end with the leap day.
    era, day = divmod(days + 719468, _ERA)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month = month + 2 if month < 10 else month - 10
    return rest % 60, rest // 60 % 60, rest // 3600, day + 1, month, 400 * era + year + (month < 2) - 1900
