"""Spinlocks and rwlocks. There is one CPU at a time here: a lock that is wanted again is a deadlock, and found at once.

A spinlock is a queued one: its first byte is 1 while it is held. A queued rwlock counts readers from bit 9 on and has
0xff in its low byte while a writer holds it.

Linux: kernel/locking/spinlock.c, include/asm-generic/qspinlock.h, qrwlock.h, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import int_, pointer, unsigned_long
from runtime.kernel import Kernel

raw_spinlock_p = Annotated[int, pointer("raw_spinlock")]
rwlock_p = Annotated[int, pointer("rwlock")]

_SOFTIRQ = 0x200  # SOFTIRQ_DISABLE_OFFSET
_READER, _WRITER = 0x200, 0xFF


def _acquire(k: Kernel, lock: int) -> None:
    if k.mem.u8(lock):
        k.trouble.deadlock(lock, "spinlock")
    _take(k, lock)


def _take(k: Kernel, lock: int) -> None:
    k.mem.put8(lock, 1)
    k.resources.locks[lock] = "spinlock", k.mm.stack()


def _release(k: Kernel, lock: int) -> None:
    if not k.mem.u8(lock):
        k.check.finding("atomic-imbalance", f"spinlock {lock:#x} is unlocked, but not held", address=lock)
    k.mem.put8(lock, 0)
    k.resources.locks.pop(lock, None)


def _add(k: Kernel, levels: int) -> None:
    """Forbid (or, below zero, allow) preemption. The count may not go below what the caller took."""
    k.cpu.preempt_count = k.cpu.preempt_count + levels


def _irq_save(k: Kernel) -> int:
    flags = k.cpu.eflags
    k.cpu.interrupts = False
    return flags


@export
def _raw_spin_lock(k: Kernel, lock: raw_spinlock_p) -> None:
    """Finding: hang, where the lock is held already."""
    _add(k, 1)
    _acquire(k, lock)


@export
def _raw_spin_unlock(k: Kernel, lock: raw_spinlock_p) -> None:
    _release(k, lock)
    _add(k, -1)


@export
def _raw_spin_lock_irqsave(k: Kernel, lock: raw_spinlock_p) -> unsigned_long:
    flags = _irq_save(k)
    _add(k, 1)
    _acquire(k, lock)
    return flags


@export
def _raw_spin_unlock_irqrestore(k: Kernel, lock: raw_spinlock_p, flags: unsigned_long) -> None:
    _release(k, lock)
    if flags & 0x200:
        k.cpu.interrupts = True
    _add(k, -1)


@export
def _raw_spin_lock_irq(k: Kernel, lock: raw_spinlock_p) -> None:
    k.cpu.interrupts = False
    _add(k, 1)
    _acquire(k, lock)


@export
def _raw_spin_unlock_irq(k: Kernel, lock: raw_spinlock_p) -> None:
    _release(k, lock)
    k.cpu.interrupts = True
    _add(k, -1)


@export
def _raw_spin_lock_bh(k: Kernel, lock: raw_spinlock_p) -> None:
    _add(k, _SOFTIRQ + 1)
    _acquire(k, lock)


@export
def _raw_spin_unlock_bh(k: Kernel, lock: raw_spinlock_p) -> None:
    _release(k, lock)
    _add(k, -_SOFTIRQ - 1)


def _try(k: Kernel, lock: int, levels: int) -> int:
    if k.mem.u8(lock):
        return 0
    _take(k, lock)
    _add(k, levels)
    return 1


@export
def _raw_spin_trylock(k: Kernel, lock: raw_spinlock_p) -> int_:
    """Return: 1 with the lock, 0 where it is held."""
    return _try(k, lock, 1)


@export
def _raw_spin_trylock_bh(k: Kernel, lock: raw_spinlock_p) -> int_:
    return _try(k, lock, _SOFTIRQ + 1)


def _read(k: Kernel, lock: int, levels: int) -> None:
    _add(k, levels)
    count = k.mem.u32(lock)
    if count & _WRITER:
        k.trouble.deadlock(lock, "rwlock, held by a writer,")
    k.mem.put32(lock, count + _READER)
    k.resources.locks[lock] = "rwlock", k.mm.stack()


def _not_held(k: Kernel, lock: int, who: str) -> None:
    message = f"rwlock {lock:#x} is unlocked by a {who}, but not held by one"
    k.check.finding("atomic-imbalance", message, address=lock)


def _read_done(k: Kernel, lock: int, levels: int) -> None:
    count = k.mem.u32(lock)
    if count < _READER:
        _not_held(k, lock, "reader")
    else:
        k.mem.put32(lock, count - _READER)
    if count == _READER:
        k.resources.locks.pop(lock, None)
    _add(k, -levels)


def _write(k: Kernel, lock: int, levels: int) -> None:
    _add(k, levels)
    if k.mem.u32(lock):
        k.trouble.deadlock(lock, "rwlock")
    k.mem.put32(lock, _WRITER)
    k.resources.locks[lock] = "rwlock", k.mm.stack()


def _write_done(k: Kernel, lock: int, levels: int) -> None:
    if not k.mem.u8(lock):
        _not_held(k, lock, "writer")
    k.mem.put8(lock, 0)
    k.resources.locks.pop(lock, None)
    _add(k, -levels)


@export
def _raw_read_lock(k: Kernel, lock: rwlock_p) -> None:
    _read(k, lock, 1)


@export
def _raw_read_unlock(k: Kernel, lock: rwlock_p) -> None:
    _read_done(k, lock, 1)


@export
def _raw_read_lock_bh(k: Kernel, lock: rwlock_p) -> None:
    _read(k, lock, _SOFTIRQ + 1)


@export
def _raw_read_unlock_bh(k: Kernel, lock: rwlock_p) -> None:
    _read_done(k, lock, _SOFTIRQ + 1)


@export
def _raw_read_lock_irq(k: Kernel, lock: rwlock_p) -> None:
    k.cpu.interrupts = False
    _read(k, lock, 1)


@export
def _raw_read_unlock_irq(k: Kernel, lock: rwlock_p) -> None:
    _read_done(k, lock, 0)
    k.cpu.interrupts = True
    _add(k, -1)


@export
def _raw_read_lock_irqsave(k: Kernel, lock: rwlock_p) -> unsigned_long:
    flags = _irq_save(k)
    _read(k, lock, 1)
    return flags


@export
def _raw_read_unlock_irqrestore(k: Kernel, lock: rwlock_p, flags: unsigned_long) -> None:
    _read_done(k, lock, 0)
    if flags & 0x200:
        k.cpu.interrupts = True
    _add(k, -1)


@export
def _raw_read_trylock(k: Kernel, lock: rwlock_p) -> int_:
    if k.mem.u32(lock) & _WRITER:
        return 0
    _read(k, lock, 1)
    return 1


@export
def _raw_write_lock(k: Kernel, lock: rwlock_p) -> None:
    _write(k, lock, 1)


@export
def _raw_write_unlock(k: Kernel, lock: rwlock_p) -> None:
    _write_done(k, lock, 1)


@export
def _raw_write_lock_bh(k: Kernel, lock: rwlock_p) -> None:
    _write(k, lock, _SOFTIRQ + 1)


@export
def _raw_write_unlock_bh(k: Kernel, lock: rwlock_p) -> None:
    _write_done(k, lock, _SOFTIRQ + 1)


@export
def _raw_write_lock_irq(k: Kernel, lock: rwlock_p) -> None:
    k.cpu.interrupts = False
    _write(k, lock, 1)


@export
def _raw_write_unlock_irq(k: Kernel, lock: rwlock_p) -> None:
    _write_done(k, lock, 0)
    k.cpu.interrupts = True
    _add(k, -1)


@export
def _raw_write_lock_irqsave(k: Kernel, lock: rwlock_p) -> unsigned_long:
    flags = _irq_save(k)
    _write(k, lock, 1)
    return flags


@export
def _raw_write_unlock_irqrestore(k: Kernel, lock: rwlock_p, flags: unsigned_long) -> None:
    _write_done(k, lock, 0)
    if flags & 0x200:
        k.cpu.interrupts = True
    _add(k, -1)


@export
def _raw_write_trylock(k: Kernel, lock: rwlock_p) -> int_:
    if k.mem.u32(lock):
        return 0
    _write(k, lock, 1)
    return 1
