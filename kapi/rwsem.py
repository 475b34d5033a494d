"""rwsem.h: semaphores for many readers or one writer. One task runs, so one that is wanted while it is held against the
task is a deadlock, and found at once.

`count`: bit 0 while a writer holds it, readers from bit 8 on, as inline code (rwsem_is_locked()) reads it. `owner` is
the task: of the writer; with bit 0 set, of a reader, and it stays there after the reader is gone.

Linux: kernel/locking/rwsem.c, 6.1
"""

from errno import EINTR
from typing import Annotated

from kapi.registry import alias, export, may_fail
from runtime.c import const_char_p, int_, pointer
from runtime.kernel import Kernel

rw_semaphore_p = Annotated[int, pointer("rw_semaphore")]
lock_class_key_p = Annotated[int, pointer("lock_class_key")]

_WRITER, _READER = 1, 1 << 8
_READER_OWNED = 1


def _count(k: Kernel, sem: int) -> int:
    return k.mem.u64(sem + k.abi.offset("rw_semaphore", "count"))


def _set(k: Kernel, sem: int, count: int, owner: int | None) -> None:
    k.mem.put64(sem + k.abi.offset("rw_semaphore", "count"), count)
    if owner is not None:
        k.mem.put64(sem + k.abi.offset("rw_semaphore", "owner"), owner)
    if not count:
        k.resources.locks.pop(sem, None)
    elif owner:
        k.resources.locks[sem] = "rw_semaphore", k.mm.stack()


def _not_held(k: Kernel, sem: int, how: str) -> None:
    text = f"rw_semaphore {sem:#x} is released, but not held for {how}"
    k.check.finding("atomic-imbalance", text, address=sem)


@export
def __init_rwsem(k: Kernel, sem: rw_semaphore_p, name: const_char_p, key: lock_class_key_p) -> None:
    """Make a semaphore that nobody holds."""
    k.mem.fill(sem, k.abi.sizeof("rw_semaphore"), 0)
    head = sem + k.abi.offset("rw_semaphore", "wait_list")
    k.mem.put64(head, head)
    k.mem.put64(head + 8, head)


@export
def down_read_trylock(k: Kernel, sem: rw_semaphore_p) -> int_:
    """Return: 1 as one more reader, 0 where a writer holds it."""
    count = _count(k, sem)
    if count & _WRITER:
        return 0
    _set(k, sem, count + _READER, k.current.struct | _READER_OWNED)
    return 1


@export
def down_read(k: Kernel, sem: rw_semaphore_p) -> None:
    """Become a reader. Finding: sleep-in-atomic; hang where the task is the writer."""
    k.trouble.might_sleep("down_read()")
    if not down_read_trylock(k, sem):
        k.trouble.deadlock(sem, "rw_semaphore")


@export
@may_fail(-EINTR)
def down_read_interruptible(k: Kernel, sem: rw_semaphore_p) -> int_:
    """Return: 0. No signal comes by itself; a fault plan can send one: -EINTR, and the task is no reader."""
    down_read(k, sem)
    return 0


alias("down_read_killable", down_read_interruptible)


@export
def up_read(k: Kernel, sem: rw_semaphore_p) -> None:
    """Finding: atomic-imbalance where there is no reader."""
    count = _count(k, sem)
    if count < _READER:
        _not_held(k, sem, "reading")
    _set(k, sem, count - _READER, None)


@export
def down_write_trylock(k: Kernel, sem: rw_semaphore_p) -> int_:
    """Return: 1 as the writer, 0 where anybody holds it."""
    if _count(k, sem):
        return 0
    _set(k, sem, _WRITER, k.current.struct)
    return 1


@export
def down_write(k: Kernel, sem: rw_semaphore_p) -> None:
    """Become the writer. Finding: sleep-in-atomic; hang where the task holds it already."""
    k.trouble.might_sleep("down_write()")
    if not down_write_trylock(k, sem):
        k.trouble.deadlock(sem, "rw_semaphore")


@export
@may_fail(-EINTR)
def down_write_killable(k: Kernel, sem: rw_semaphore_p) -> int_:
    """Return: 0. No signal comes by itself; a fault plan can send one: -EINTR, and the task is no writer."""
    down_write(k, sem)
    return 0


@export
def up_write(k: Kernel, sem: rw_semaphore_p) -> None:
    """Finding: atomic-imbalance where there is no writer."""
    count = _count(k, sem)
    if not count & _WRITER:
        _not_held(k, sem, "writing")
    _set(k, sem, count - _WRITER, 0)


@export
def downgrade_write(k: Kernel, sem: rw_semaphore_p) -> None:
    """The writer becomes a reader. Finding: atomic-imbalance where there is no writer."""
    count = _count(k, sem)
    if not count & _WRITER:
        _not_held(k, sem, "writing")
    _set(k, sem, count - _WRITER + _READER, k.current.struct | _READER_OWNED)
