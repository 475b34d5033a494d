"""time64.h, timekeeping.h, timer.h, jiffies.h: between nanoseconds, struct timespec64, dates and ticks.

Linux: kernel/time/time.c, timeconv.c, timer.c, 6.1
"""

from datetime import date, timedelta
from typing import Annotated

from kapi.registry import export
from runtime.c import int_, long_long, pointer, s64, s64_of, u64, unsigned_int, unsigned_long
from runtime.kernel import Kernel

timespec64_p = Annotated[int, pointer("timespec64")]
tm_p = Annotated[int, pointer("tm")]
_NSEC = 1_000_000_000
_DAY = 86400
_WORD = (1 << 64) - 1
_ERA = 146097, 400  # days and years until dates repeat
_MAX_JIFFY_OFFSET = (1 << 62) - 2


@export
def set_normalized_timespec64(k: Kernel, ts: timespec64_p, sec: s64, nsec: s64) -> None:
    """tv_nsec from 0 to 999,999,999, whatever nsec is."""
    k.mem.put64(ts, sec + nsec // _NSEC & _WORD)
    k.mem.put64(ts + 8, nsec % _NSEC)


@export
def ns_to_timespec64(k: Kernel, nsec: s64) -> s64:
    """A structure of two words is returned in rax, tv_sec, and rdx, tv_nsec."""
    k.cpu.r[k.mm.arch.RDX] = nsec % _NSEC
    return nsec // _NSEC


@export
def timespec64_to_jiffies(k: Kernel, value: timespec64_p) -> unsigned_long:
    """Ticks, rounded up."""
    seconds, ns = k.mem.u64(value), k.mem.i64(value + 8)
    if seconds >= _MAX_JIFFY_OFFSET // k.clock.hz:
        return _MAX_JIFFY_OFFSET
    return seconds * k.clock.hz + -(-ns // k.clock.tick)


@export
def jiffies_to_timespec64(k: Kernel, jiffies: unsigned_long, value: timespec64_p) -> None:
    set_normalized_timespec64(k, value, 0, jiffies * k.clock.tick)


@export
def jiffies_to_clock_t(k: Kernel, x: unsigned_long) -> long_long:
    """Ticks as programs count them, a hundred a second."""
    return x * k.abi.const["USER_HZ"] // k.clock.hz


@export
def jiffies_64_to_clock_t(k: Kernel, x: u64) -> u64:
    return x * k.abi.const["USER_HZ"] // k.clock.hz


@export
def clock_t_to_jiffies(k: Kernel, x: unsigned_long) -> unsigned_long:
    """The other way; -1 where that is too many."""
    user = k.abi.const["USER_HZ"]
    return _WORD if x >= _WORD * user // k.clock.hz else x * k.clock.hz // user


@export
def mktime64(
    k: Kernel, year0: unsigned_int, mon0: unsigned_int, day: unsigned_int, hour: unsigned_int, min: unsigned_int,
    sec: unsigned_int,
) -> long_long:  # fmt: skip
    """Seconds since 1970 of a date, month 1 to 12. Days and hours may be too many: they run on."""
    month, years = (mon0 - 1) % 12 + 1, (mon0 - 1) // 12
    eras, year = divmod(year0 + years - 1, _ERA[1])
    days = date(year + 1, month, 1).toordinal() - date(1970, 1, 1).toordinal() + eras * _ERA[0] + day - 1
    return ((days * 24 + hour) * 60 + min) * 60 + sec


@export
def time64_to_tm(k: Kernel, totalsecs: s64, offset: int_, result: tm_p) -> None:
    """The date of totalsecs seconds since 1970, offset seconds east of Greenwich."""
    days, seconds = divmod(totalsecs + offset, _DAY)
    eras, rest = divmod(days, _ERA[0])
    day = date(1970, 1, 1) + timedelta(rest)
    view = k.abi.view("tm")(k.mem, result)
    view.tm_hour, view.tm_min, view.tm_sec = seconds // 3600, seconds // 60 % 60, seconds % 60
    view.tm_year, view.tm_mon, view.tm_mday = day.year - 1900 + eras * _ERA[1], day.month - 1, day.day
    view.tm_wday, view.tm_yday = (days + 4) % 7, day.toordinal() - date(day.year, 1, 1).toordinal()


# Ticks at whole seconds, so that timers of many end together


def _round(k: Kernel, j: int, cpu: int, up: bool) -> int:
    """The nearest whole second; three ticks apart for each CPU. j itself where that would have been already."""
    hz, moved = k.clock.hz, j + 3 * cpu
    rest = moved % hz
    rounded = moved - rest + (0 if rest < hz // 4 and not up else hz) - 3 * cpu
    return rounded if s64_of(rounded - k.clock.jiffies & _WORD) > 0 else j


def _relative(k: Kernel, j: int, cpu: int, up: bool) -> int:
    now = k.clock.jiffies
    return _round(k, j + now, cpu, up) - now


@export
def __round_jiffies(k: Kernel, j: unsigned_long, cpu: int_) -> unsigned_long:
    """The whole second nearest to a time in ticks, for a timer on a CPU."""
    return _round(k, j, cpu, False)


@export
def __round_jiffies_relative(k: Kernel, j: unsigned_long, cpu: int_) -> unsigned_long:
    return _relative(k, j, cpu, False)


@export
def round_jiffies(k: Kernel, j: unsigned_long) -> unsigned_long:
    """The whole second nearest to a time in ticks."""
    return _round(k, j, k.cpu.number, False)


@export
def round_jiffies_relative(k: Kernel, j: unsigned_long) -> unsigned_long:
    """The same for a time from now."""
    return _relative(k, j, k.cpu.number, False)


@export
def __round_jiffies_up(k: Kernel, j: unsigned_long, cpu: int_) -> unsigned_long:
    return _round(k, j, cpu, True)


@export
def __round_jiffies_up_relative(k: Kernel, j: unsigned_long, cpu: int_) -> unsigned_long:
    return _relative(k, j, cpu, True)


@export
def round_jiffies_up(k: Kernel, j: unsigned_long) -> unsigned_long:
    """The next whole second."""
    return _round(k, j, k.cpu.number, True)


@export
def round_jiffies_up_relative(k: Kernel, j: unsigned_long) -> unsigned_long:
    return _relative(k, j, k.cpu.number, True)
