"""xarray.h: pointers by index. Names with two underscores are called with the array's lock held.

Linux: lib/xarray.c, 6.1
"""

from collections.abc import Callable
from errno import EBUSY, EINVAL
from typing import Annotated

from kapi.registry import export, has_from_boot
from kapi.spinlock import (
    _raw_spin_lock,
    _raw_spin_lock_bh,
    _raw_spin_lock_irq,
    _raw_spin_unlock,
    _raw_spin_unlock_bh,
    _raw_spin_unlock_irq,
)
from runtime.c import bool_, gfp_t, int_, pointer, u64, unsigned_int, unsigned_long, void_p
from runtime.kernel import Kernel
from runtime.lib import rcu
from runtime.lib.xarray import FREE_MARK, NR_MARKS, RESTART, ZERO_ENTRY, Array, error, is_advanced, is_node
from runtime.lib.xarray_store import destroy, store, take_node
from runtime.lib.xas import Xas
from runtime.lib.xas import out_of_memory as lacks_node

xarray_p = Annotated[int, pointer("xarray")]
u32_p = Annotated[int, pointer("u32")]
unsigned_long_p = Annotated[int, pointer("unsigned long")]
void_pp = Annotated[int, pointer("void *")]


class NodeCache:
    """radix_tree_node: the slab cache of nodes, whose constructor is the kernel's."""

    def __init__(self, k: Kernel) -> None:
        self.k = k

    def alloc(self, gfp: int) -> int:
        """A clean node. Return: 0 on scarcity."""
        slab = self.k.slab
        cache = slab.own("radix_tree_node")
        objp = slab.kmem_cache_alloc(cache.address, gfp)
        if objp >= 0:
            return objp
        new = slab.begin_slab(cache, gfp)
        if new is None:
            return 0
        for node in slab.objects_of(new.base):
            self.k.mem.fill(node, cache.object_size, 0)
            rcu.clean_node(self.k, node)
        slab.finish_slab(new.base)
        return slab.take(cache, gfp, cache.object_size)

    def free(self, node: int) -> None:
        """Once nobody reads."""
        rcu.put(self.k, node + self.k.abi.offset("xa_node", "private_list"), rcu.RADIX_TREE_NODE)
        rcu.free_pending(self.k)


def from_boot(k: Kernel) -> None:
    """The cache of nodes, and the list of those that wait to be freed."""
    k.slab.own("radix_tree_node")
    rcu.pending(k)


has_from_boot(__name__, from_boot)


def array_of(k: Kernel, xa: int) -> Array:
    return Array(k.mem, k.abi, NodeCache(k), xa)


def _unlocked(k: Kernel, xas: Xas, gfp: int) -> bool:
    """take_node(), without the lock where it may sleep."""
    may_sleep = gfp & k.abi.const["__GFP_DIRECT_RECLAIM"] and lacks_node(xas)
    if not may_sleep:
        return take_node(xas, gfp)
    unlock, lock = _locking(k, xas.array)
    unlock(k, xas.array.xa)
    again = take_node(xas, gfp)
    lock(k, xas.array.xa)
    return again


def _locking(k: Kernel, array: Array) -> tuple[Callable[[Kernel, int], None], Callable[[Kernel, int], None]]:
    flags = array.flags
    if flags & k.abi.const["XA_FLAGS_LOCK_IRQ"]:
        return _raw_spin_unlock_irq, _raw_spin_lock_irq
    if flags & k.abi.const["XA_FLAGS_LOCK_BH"]:
        return _raw_spin_unlock_bh, _raw_spin_lock_bh
    return _raw_spin_unlock, _raw_spin_lock


def _result(xas: Xas, entry: int) -> int:
    """What is returned for what was found or replaced."""
    if entry == ZERO_ENTRY:
        return 0
    return error(-xas.errno) if xas.errno else entry


# One entry


@export
def xa_load(k: Kernel, xa: xarray_p, index: unsigned_long) -> void_p:
    """Return: NULL where there is nothing."""
    entry = Xas(array_of(k, xa), index).load()
    return 0 if entry == ZERO_ENTRY else entry


@export
def __xa_store(k: Kernel, xa: xarray_p, index: unsigned_long, entry: void_p, gfp: gfp_t) -> void_p:
    """Store an entry; NULL erases. Return: the old one; an error entry (xa_is_err()) without memory."""
    if is_advanced(entry):
        k.trouble.warn("xa_store_advanced")
        return error(EINVAL)
    array = array_of(k, xa)
    xas = Xas(array, index)
    if array.tracks_free and not entry:
        entry = ZERO_ENTRY
    while True:
        old = store(xas, entry)
        if array.tracks_free:
            xas.clear_mark(FREE_MARK)
        if not _unlocked(k, xas, gfp):
            return _result(xas, old)


@export
def xa_store(k: Kernel, xa: xarray_p, index: unsigned_long, entry: void_p, gfp: gfp_t) -> void_p:
    """__xa_store() that takes the lock. Finding: hang, where the caller holds it."""
    _raw_spin_lock(k, xa)
    old = __xa_store(k, xa, index, entry, gfp)
    _raw_spin_unlock(k, xa)
    return old


@export
def __xa_erase(k: Kernel, xa: xarray_p, index: unsigned_long) -> void_p:
    """Return: what was there."""
    xas = Xas(array_of(k, xa), index)
    return _result(xas, store(xas, 0))


@export
def xa_erase(k: Kernel, xa: xarray_p, index: unsigned_long) -> void_p:
    _raw_spin_lock(k, xa)
    old = __xa_erase(k, xa, index)
    _raw_spin_unlock(k, xa)
    return old


@export
def __xa_cmpxchg(k: Kernel, xa: xarray_p, index: unsigned_long, old: void_p, entry: void_p, gfp: gfp_t) -> void_p:
    """Store an entry if old is there. Return: what was there; an error entry without memory."""
    if is_advanced(entry):
        k.trouble.warn("xa_cmpxchg_advanced")
        return error(EINVAL)
    array = array_of(k, xa)
    xas = Xas(array, index)
    while True:
        current = xas.load()
        if current == old:
            store(xas, entry)
            if array.tracks_free and entry and not current:
                xas.clear_mark(FREE_MARK)
        if not _unlocked(k, xas, gfp):
            return _result(xas, current)


@export
def __xa_insert(k: Kernel, xa: xarray_p, index: unsigned_long, entry: void_p, gfp: gfp_t) -> int_:
    """Store an entry where there is none; NULL reserves the index. Return: 0; -EBUSY; -ENOMEM."""
    if is_advanced(entry):
        k.trouble.warn("xa_insert_advanced")
        return -EINVAL
    array = array_of(k, xa)
    xas = Xas(array, index)
    while True:
        if xas.load():
            xas.fail(EBUSY)
        else:
            store(xas, entry or ZERO_ENTRY)
            if array.tracks_free:
                xas.clear_mark(FREE_MARK)
        if not _unlocked(k, xas, gfp):
            return xas.errno


@export
def xa_destroy(k: Kernel, xa: xarray_p) -> None:
    """Take all entries out; the objects are the caller's."""
    destroy(array_of(k, xa))


# Numbers: struct xa_limit is passed in one register, max in its low half


@export
def __xa_alloc(k: Kernel, xa: xarray_p, id: u32_p, entry: void_p, limit: u64, gfp: gfp_t) -> int_:
    """Store an entry at the lowest free index of a range, and that index in *id. Return: 0; -EBUSY; -ENOMEM."""
    array = array_of(k, xa)
    if is_advanced(entry) or not array.tracks_free:
        k.trouble.warn("xa_alloc_advanced" if is_advanced(entry) else "xa_alloc_untracked")
        return -EINVAL
    xas = Xas(array, 0)
    while True:
        xas.index = limit >> 32
        xas.find_marked(limit & 0xFFFFFFFF, FREE_MARK)
        if xas.node == RESTART:
            xas.fail(EBUSY)
        else:
            k.mem.put32(id, xas.index)
        store(xas, entry or ZERO_ENTRY)
        xas.clear_mark(FREE_MARK)
        if not _unlocked(k, xas, gfp):
            return xas.errno


@export
def __xa_alloc_cyclic(k: Kernel, xa: xarray_p, id: u32_p, entry: void_p, limit: u64, next: u32_p, gfp: gfp_t) -> int_:
    """__xa_alloc() that goes on at *next. Return: 1 where it began at the low end again."""
    array, wrapped = array_of(k, xa), k.abi.const["XA_FLAGS_ALLOC_WRAPPED"]
    low, start = limit >> 32, max(limit >> 32, k.mem.u32(next))
    result = __xa_alloc(k, xa, id, entry, start << 32 | limit & 0xFFFFFFFF, gfp)
    if not result and array.flags & wrapped:
        array.flags &= ~wrapped
        result = 1
    if result < 0 and start > low:
        result = __xa_alloc(k, xa, id, entry, limit, gfp) or 1
    if result >= 0:
        following = k.mem.u32(id) + 1 & 0xFFFFFFFF
        k.mem.put32(next, following)
        if not following:
            array.flags |= wrapped
    return result


# Marks and searching


@export
def xa_get_mark(k: Kernel, xa: xarray_p, index: unsigned_long, mark: unsigned_int) -> bool_:
    """Is this mark set for the entry at index? 0 where there is no entry."""
    xas = Xas(array_of(k, xa), index)
    entry = xas.start()
    while xas.get_mark(mark):
        if not is_node(entry):
            return 1
        entry = xas.descend(entry - 2)
    return 0


@export
def __xa_set_mark(k: Kernel, xa: xarray_p, index: unsigned_long, mark: unsigned_int) -> None:
    """Mark the entry at index, if there is one."""
    xas = Xas(array_of(k, xa), index)
    if xas.load():
        xas.set_mark(mark)


@export
def __xa_clear_mark(k: Kernel, xa: xarray_p, index: unsigned_long, mark: unsigned_int) -> None:
    xas = Xas(array_of(k, xa), index)
    if xas.load():
        xas.clear_mark(mark)


@export
def xa_set_mark(k: Kernel, xa: xarray_p, index: unsigned_long, mark: unsigned_int) -> None:
    _raw_spin_lock(k, xa)
    __xa_set_mark(k, xa, index, mark)
    _raw_spin_unlock(k, xa)


@export
def xa_clear_mark(k: Kernel, xa: xarray_p, index: unsigned_long, mark: unsigned_int) -> None:
    _raw_spin_lock(k, xa)
    __xa_clear_mark(k, xa, index, mark)
    _raw_spin_unlock(k, xa)


def _next(xas: Xas, last: int, mark: int) -> int:
    """The next entry, marked if mark is one; reserved ones are none."""
    while True:
        entry = xas.find_marked(last, mark) if mark < NR_MARKS else xas.find(last)
        if entry != ZERO_ENTRY:
            return entry


def _find(k: Kernel, xas: Xas, indexp: int, last: int, mark: int) -> int:
    entry = _next(xas, last, mark)
    if entry:
        k.mem.put64(indexp, xas.index)
    return entry


@export
def xa_find(k: Kernel, xa: xarray_p, indexp: unsigned_long_p, max: unsigned_long, filter: unsigned_int) -> void_p:
    """The first entry from *indexp to max; *indexp says where. filter: a mark, or XA_PRESENT. Return: NULL where there
    is none.
    """
    return _find(k, Xas(array_of(k, xa), k.mem.u64(indexp)), indexp, max, filter)


@export
def xa_find_after(k: Kernel, xa: xarray_p, indexp: unsigned_long_p, max: unsigned_long, filter: unsigned_int) -> void_p:
    """The first entry behind *indexp."""
    index = k.mem.u64(indexp) + 1 & (1 << 64) - 1
    return _find(k, Xas(array_of(k, xa), index), indexp, max, filter) if index else 0


@export
def xa_extract(k: Kernel, xa: xarray_p, dst: void_pp, start: unsigned_long, max: unsigned_long, n: unsigned_int,
               filter: unsigned_int) -> unsigned_int:  # fmt: skip
    """Copy up to n entries from start to max into an array. Return: how many."""
    xas, found = Xas(array_of(k, xa), start), 0
    while found < n and (entry := _next(xas, max, filter)):
        k.mem.put64(dst + 8 * found, entry)
        found += 1
    return found
