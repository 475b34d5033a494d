"""jiffies.h, ktime.h: what time it is, on the virtual clock.

Linux: kernel/time/timekeeping.c, time.c, 6.1
"""

from typing import Annotated

from kapi.registry import alias, export, export_data
from runtime.c import pointer, s64, u64, unsigned_int, unsigned_long
from runtime.kernel import Kernel

timespec64_p = Annotated[int, pointer("timespec64")]
_NSEC = 1_000_000_000
_MSEC = 1_000_000
# The real-time clock at boot, in seconds since 1970: the same in each run.
_BOOT = 1_700_000_000
_MAX_JIFFY_OFFSET = (1 << 62) - 2


@export_data(8, align=4096, page=True)
def jiffies(k: Kernel, at: int) -> None:
    """Its page is not mapped: each read is an event that moves time, so that a loop that waits for it ends."""
    k.trouble.watch(at, k.mem.phys(at), _read_jiffies)


def _read_jiffies(k: Kernel, phys: int) -> None:
    k.ram.put64(phys, k.clock.spin())


@export
def ktime_get(k: Kernel) -> s64:
    """Nanoseconds since boot."""
    return k.clock.read()


for _name in ("ktime_get_raw", "ktime_get_mono_fast_ns", "ktime_get_raw_fast_ns", "ktime_get_boot_fast_ns"):
    alias(_name, ktime_get)


@export
def ktime_get_with_offset(k: Kernel, offs: unsigned_int) -> s64:
    """offs: enum tk_offsets; 0 is real time, 1 since boot, 2 atomic time (37 s ahead of real time)."""
    return k.clock.read() + {0: _BOOT * _NSEC, 2: (_BOOT + 37) * _NSEC}.get(offs, 0)


alias("ktime_get_coarse_with_offset", ktime_get_with_offset)


@export
def ktime_get_real_seconds(k: Kernel) -> s64:
    return _BOOT + k.clock.read() // _NSEC


@export
def ktime_get_seconds(k: Kernel) -> s64:
    return k.clock.read() // _NSEC


@export
def ktime_get_real_fast_ns(k: Kernel) -> u64:
    return _BOOT * _NSEC + k.clock.read()


def _timespec(k: Kernel, ts: int, ns: int) -> None:
    k.mem.put64(ts, ns // _NSEC)
    k.mem.put64(ts + 8, ns % _NSEC)


@export
def ktime_get_real_ts64(k: Kernel, ts: timespec64_p) -> None:
    _timespec(k, ts, _BOOT * _NSEC + k.clock.read())


alias("ktime_get_coarse_real_ts64", ktime_get_real_ts64)


@export
def ktime_get_ts64(k: Kernel, ts: timespec64_p) -> None:
    _timespec(k, ts, k.clock.read())


for _name in ("ktime_get_raw_ts64", "ktime_get_coarse_ts64"):
    alias(_name, ktime_get_ts64)


@export
def jiffies_to_msecs(k: Kernel, j: unsigned_long) -> unsigned_int:
    return j * (1000 // k.clock.hz)


@export
def jiffies_to_usecs(k: Kernel, j: unsigned_long) -> unsigned_int:
    return j * (1_000_000 // k.clock.hz)


@export
def jiffies64_to_nsecs(k: Kernel, j: u64) -> u64:
    return j * k.clock.tick


@export
def jiffies64_to_msecs(k: Kernel, j: u64) -> u64:
    return j * (1000 // k.clock.hz)


@export
def __msecs_to_jiffies(k: Kernel, m: unsigned_int) -> unsigned_long:
    """Rounded up; a negative int is forever."""
    return _MAX_JIFFY_OFFSET if m >> 31 else -(-m * k.clock.hz // 1000)


@export
def __usecs_to_jiffies(k: Kernel, u: unsigned_int) -> unsigned_long:
    """Rounded up; forever from where jiffies_to_usecs(forever), cut to 32 bits, is less."""
    if u > _MAX_JIFFY_OFFSET * (1_000_000 // k.clock.hz) & 0xFFFFFFFF:
        return _MAX_JIFFY_OFFSET
    return -(-u * k.clock.hz // 1_000_000)


@export
def nsecs_to_jiffies64(k: Kernel, n: u64) -> u64:
    return n // k.clock.tick


alias("nsecs_to_jiffies", nsecs_to_jiffies64)
