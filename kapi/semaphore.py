"""semaphore.h: counting semaphores. One task runs: who waits for one that is used up waits forever.

Linux: kernel/locking/semaphore.c, 6.1
"""

from errno import EINTR, ETIME
from typing import Annotated

from kapi.registry import alias, export, may_fail
from runtime.c import int_, long_, pointer
from runtime.kernel import Kernel

semaphore_p = Annotated[int, pointer("semaphore")]


def _take(k: Kernel, sem: int) -> bool:
    at = sem + k.abi.offset("semaphore", "count")
    count = k.mem.u32(at)
    if count:
        k.mem.put32(at, count - 1)
    return bool(count)


@export
def down(k: Kernel, sem: semaphore_p) -> None:
    """Take one. Finding: sleep-in-atomic; hang where none is left."""
    k.trouble.might_sleep("down()")
    if not _take(k, sem):
        k.trouble.schedule()
        k.trouble.deadlock(sem, "semaphore")


@export
@may_fail(-EINTR)
def down_interruptible(k: Kernel, sem: semaphore_p) -> int_:
    """Return: 0. No signal comes by itself; a fault plan can send one: -EINTR, with none taken."""
    down(k, sem)
    return 0


alias("down_killable", down_interruptible)


@export
def down_trylock(k: Kernel, sem: semaphore_p) -> int_:
    """Return: 0 with one, 1 where none is left: the other way round than other locks."""
    return not _take(k, sem)


@export
@may_fail(-ETIME)
def down_timeout(k: Kernel, sem: semaphore_p, timeout: long_) -> int_:
    """Take one, and wait for it for timeout ticks. Return: 0, or -ETIME."""
    k.trouble.might_sleep("down_timeout()")
    if _take(k, sem):
        return 0
    if timeout > 0:
        k.trouble.schedule()
        k.clock.sleep_ticks(timeout)
    return -ETIME


@export
def up(k: Kernel, sem: semaphore_p) -> None:
    """Put one back, or one more than there were."""
    at = sem + k.abi.offset("semaphore", "count")
    k.mem.put32(at, k.mem.u32(at) + 1)
