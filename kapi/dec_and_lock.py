"""Dropping a reference, and taking a lock where it was the last one.

Linux: lib/dec_and_lock.c, lib/refcount.c, 6.1
"""

from typing import Annotated

from kapi.mutex import mutex_lock, mutex_p, mutex_unlock
from kapi.refcount import refcount_dec_not_one, refcount_struct_p
from kapi.registry import export
from kapi.spinlock import (
    _raw_spin_lock,
    _raw_spin_lock_irqsave,
    _raw_spin_unlock,
    _raw_spin_unlock_irqrestore,
    raw_spinlock_p,
)  # fmt: skip
from runtime.c import bool_, int_, pointer
from runtime.kernel import Kernel

atomic_p = Annotated[int, pointer("atomic_t")]
unsigned_long_p = Annotated[int, pointer("unsigned long")]


def _drop(k: Kernel, atomic: int) -> bool:
    """Count down. Was it the last?"""
    count = k.mem.u32(atomic) - 1 & 0xFFFFFFFF
    k.mem.put32(atomic, count)
    return not count


@export
def _atomic_dec_and_lock(k: Kernel, atomic: atomic_p, lock: raw_spinlock_p) -> int_:
    """Count down. Return: 1 with the spinlock held where it is 0 now, else 0."""
    if k.mem.u32(atomic) == 1:
        _raw_spin_lock(k, lock)
    return _drop(k, atomic)


@export
def _atomic_dec_and_lock_irqsave(k: Kernel, atomic: atomic_p, lock: raw_spinlock_p, flags: unsigned_long_p) -> int_:
    """The same with interrupts off; *flags is what they were."""
    if k.mem.u32(atomic) == 1:
        k.mem.put64(flags, _raw_spin_lock_irqsave(k, lock))
    return _drop(k, atomic)


def _last(k: Kernel, r: int) -> bool:
    """refcount_dec_and_test() of a count that is 1, or of one that went wrong."""
    return k.mem.u32(r) == 1 and _drop(k, r)


@export
def refcount_dec_and_lock(k: Kernel, r: refcount_struct_p, lock: raw_spinlock_p) -> bool_:
    """Drop a reference. Return: 1 with the spinlock held where it was the last, else 0. Finding: refcount."""
    if refcount_dec_not_one(k, r):
        return 0
    _raw_spin_lock(k, lock)
    if _last(k, r):
        return 1
    _raw_spin_unlock(k, lock)
    return 0


@export
def refcount_dec_and_lock_irqsave(
    k: Kernel, r: refcount_struct_p, lock: raw_spinlock_p, flags: unsigned_long_p
) -> bool_:
    """Drop a reference; the last one takes the lock, with interrupts off. Return: 1 for the last one, else 0."""
    if refcount_dec_not_one(k, r):
        return 0
    k.mem.put64(flags, _raw_spin_lock_irqsave(k, lock))
    if _last(k, r):
        return 1
    _raw_spin_unlock_irqrestore(k, lock, k.mem.u64(flags))
    return 0


@export
def refcount_dec_and_mutex_lock(k: Kernel, r: refcount_struct_p, lock: mutex_p) -> bool_:
    """Drop a reference. Return: 1 with the mutex held where it was the last, else 0. Finding: refcount."""
    if refcount_dec_not_one(k, r):
        return 0
    mutex_lock(k, lock)
    if _last(k, r):
        return 1
    mutex_unlock(k, lock)
    return 0
