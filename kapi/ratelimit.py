"""ratelimit.h: how many messages may be printed in a time.

Linux: lib/ratelimit.c, kernel/printk/printk.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import bool_, const_char_p, int_, pointer, unsigned_int
from runtime.kernel import Kernel

ratelimit_p = Annotated[int, pointer("ratelimit_state")]
unsigned_long_p = Annotated[int, pointer("unsigned long")]
_WORD = (1 << 64) - 1


@export_data("ratelimit_state", static=True)
def printk_ratelimit_state(k: Kernel, at: int) -> None:
    """The limit that all users of printk_ratelimit() share: 10 messages in 5 seconds."""
    state = k.abi.view("ratelimit_state")(k.mem, at)
    state.interval, state.burst = 5 * k.abi.const["HZ"], 10


@export
def ___ratelimit(k: Kernel, rs: ratelimit_p, func: const_char_p) -> int_:
    """May this message be printed? burst in interval ticks may; how many were not is said when the next interval
    begins.

    func: who is named then. Return: 1 for yes; 0 also while the state's own lock is held.
    """
    state, now = k.abi.view("ratelimit_state")(k.mem, rs), k.clock.jiffies
    if not state.interval:
        return 1
    if k.mem.u32(rs + k.abi.offset("ratelimit_state", "lock")):
        return 0
    if not state.begin:
        state.begin = now
    if _is_before(state.begin + state.interval, now):
        if state.missed and not state.flags & k.abi.const["RATELIMIT_MSG_ON_RELEASE"]:
            k.log.printk(k.printf.render(b"\0014%s: %d callbacks suppressed\n", func, state.missed))
            state.missed = 0
        state.begin, state.printed = now, 0
    if state.printed < state.burst:
        state.printed += 1
        return 1
    state.missed += 1
    return 0


def _is_before(time: int, now: int) -> bool:
    """Is time earlier than now, as jiffies wrap?"""
    return bool((time - now & _WORD) >> 63)


@export
def __printk_ratelimit(k: Kernel, func: const_char_p) -> int_:
    """printk_ratelimit()."""
    return ___ratelimit(k, k.provider.address("printk_ratelimit_state"), func)


@export
def printk_timed_ratelimit(k: Kernel, caller_jiffies: unsigned_long_p, interval_msecs: unsigned_int) -> bool_:
    """Has it been more than interval_msecs since this last returned 1? *caller_jiffies is 0 before the first time."""
    last, now = k.mem.u64(caller_jiffies), k.clock.jiffies
    ticks = -(-interval_msecs * k.clock.hz // 1000)
    if last and (now - last & _WORD) <= ticks:
        return 0
    k.mem.put64(caller_jiffies, now)
    return 1
