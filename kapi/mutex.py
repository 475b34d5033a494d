"""mutex.h. One task runs, so a mutex that is held and wanted again is a deadlock, and found at once.

The word `owner` is the holder's task_struct, as inline code (mutex_is_locked() is a function) and debuggers read it.

Linux: kernel/locking/mutex.c, 6.1
"""

from errno import EINTR
from typing import Annotated

from kapi.registry import alias, export, may_fail
from runtime.c import bool_, const_char_p, int_, pointer
from runtime.kernel import Kernel

mutex_p = Annotated[int, pointer("mutex")]
lock_class_key_p = Annotated[int, pointer("lock_class_key")]


def _owner(k: Kernel, lock: int) -> int:
    return lock + k.abi.offset("mutex", "owner")


def _take(k: Kernel, lock: int) -> None:
    k.mem.put64(_owner(k, lock), k.current.struct)
    k.resources.locks[lock] = "mutex", k.mm.stack()


@export
def __mutex_init(k: Kernel, lock: mutex_p, name: const_char_p, key: lock_class_key_p) -> None:
    """Make a mutex that nobody holds. Finding: bad-argument where somebody does."""
    k.mem.fill(lock, k.abi.sizeof("mutex"), 0)
    head = lock + k.abi.offset("mutex", "wait_list")
    k.mem.put64(head, head)
    k.mem.put64(head + 8, head)


@export
def mutex_lock(k: Kernel, lock: mutex_p) -> None:
    """Take the mutex. Finding: sleep-in-atomic in atomic context; hang where the task holds it already."""
    k.trouble.might_sleep("mutex_lock()")
    if k.mem.u64(_owner(k, lock)):
        k.trouble.deadlock(lock, "mutex")
    _take(k, lock)


@export
@may_fail(-EINTR)
def mutex_lock_interruptible(k: Kernel, lock: mutex_p) -> int_:
    """Return: 0. No signal comes by itself; a fault plan can send one: -EINTR, without the mutex."""
    mutex_lock(k, lock)
    return 0


alias("mutex_lock_killable", mutex_lock_interruptible)


@export
def mutex_trylock(k: Kernel, lock: mutex_p) -> int_:
    """Return: 1 with the mutex, 0 where it is held."""
    if k.mem.u64(_owner(k, lock)):
        return 0
    _take(k, lock)
    return 1


@export
def mutex_unlock(k: Kernel, lock: mutex_p) -> None:
    """Finding: atomic-imbalance where the mutex is not held."""
    if not k.mem.u64(_owner(k, lock)):
        k.check.finding("atomic-imbalance", f"mutex {lock:#x} is unlocked, but not held", address=lock)
    k.mem.put64(_owner(k, lock), 0)
    k.resources.locks.pop(lock, None)


@export
def mutex_is_locked(k: Kernel, lock: mutex_p) -> bool_:
    return int(k.mem.u64(_owner(k, lock)) != 0)
