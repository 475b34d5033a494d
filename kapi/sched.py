"""sched.h: scheduling points and sleeping. One task runs: to sleep is to let virtual time pass.

Linux: kernel/sched/core.c, kernel/time/timer.c, 6.1
"""

from typing import Annotated

from kapi.registry import alias, export
from runtime.c import int_, long_, pointer, unsigned_int, unsigned_long
from runtime.kernel import Kernel

task_struct_p = Annotated[int, pointer("task_struct")]
_MAX_SCHEDULE_TIMEOUT = (1 << 63) - 1
_MSEC, _USEC = 1_000_000, 1_000


@export
def __cond_resched(k: Kernel) -> int_:
    """A place where the task could be preempted. Return: 1 if it was; nothing else wants to run here.

    Finding: sleep-in-atomic where it must not be: Linux says so only with CONFIG_DEBUG_ATOMIC_SLEEP.
    """
    k.trouble.might_sleep("cond_resched()")
    return 0


alias("__SCT__might_resched", __cond_resched)
alias("__SCT__cond_resched", __cond_resched)


@export
def schedule(k: Kernel) -> None:
    """Give the CPU away. A task that has said it sleeps and that nobody can wake sleeps forever."""
    k.trouble.schedule()


alias("yield", schedule)


@export
def msleep(k: Kernel, msecs: unsigned_int) -> None:
    """Sleep for at least msecs, rounded up to ticks and one more, as a timer does."""
    k.trouble.schedule()
    k.clock.sleep_ticks(_ticks(k, msecs * _MSEC) + 1)


@export
def msleep_interruptible(k: Kernel, msecs: unsigned_int) -> unsigned_long:
    """Return: the milliseconds left, 0: no signal comes here."""
    msleep(k, msecs)
    return 0


@export
def usleep_range_state(k: Kernel, min: unsigned_long, max: unsigned_long, state: unsigned_int) -> None:
    """Sleep for min microseconds: the virtual timer is exact."""
    k.trouble.schedule()
    k.clock.sleep(min * _USEC)


@export
def schedule_timeout(k: Kernel, timeout: long_) -> long_:
    """Sleep for timeout ticks. Return: ticks left, 0: nothing wakes the task early."""
    k.trouble.schedule()
    if timeout == _MAX_SCHEDULE_TIMEOUT:
        return k.trouble.sleeps_forever("schedule_timeout(MAX_SCHEDULE_TIMEOUT)")
    k.clock.sleep_ticks(max(timeout, 0))
    k.mem.put32(k.current.struct + k.abi.offset("task_struct", "__state"), 0)
    return 0


for _name in ("interruptible", "uninterruptible", "killable", "idle"):
    alias(f"schedule_timeout_{_name}", schedule_timeout)


@export
def __udelay(k: Kernel, usecs: unsigned_long) -> None:
    """Spin for microseconds."""
    k.clock.sleep(usecs * _USEC)


@export
def __ndelay(k: Kernel, nsecs: unsigned_long) -> None:
    k.clock.sleep(nsecs)


@export
def __const_udelay(k: Kernel, xloops: unsigned_long) -> None:
    """xloops: microseconds * 2**32 / 10**6, as udelay() of a constant computes them."""
    k.clock.sleep(xloops * 1_000_000_000 >> 32)


@export
def __delay(k: Kernel, loops: unsigned_long) -> None:
    """loops of the delay calibration: a nanosecond each here."""
    k.clock.sleep(loops)


def _ticks(k: Kernel, ns: int) -> int:
    return -(-ns // k.clock.tick)


@export
def __put_task_struct(k: Kernel, tsk: task_struct_p) -> None:
    """The last reference to a task is gone. The task that runs holds one of its own, so somebody put too many."""
    k.check.finding("refcount", "put_task_struct() of a task that still runs", address=tsk)
