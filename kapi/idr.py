"""idr.h: small numbers for objects (idr), and small numbers alone (ida). The caller locks an idr; an ida locks itself.

Linux: lib/idr.c, 6.1
"""

from errno import EINVAL, ENOENT, ENOMEM, ENOSPC
from typing import Annotated

from kapi.registry import export, has_from_boot
from kapi.spinlock import _raw_spin_lock_irqsave, _raw_spin_unlock_irqrestore
from kapi.xarray import array_of, from_boot
from runtime.c import Stepped, function_p, gfp_t, int_, pointer, s32_of, unsigned_int, unsigned_long, void_p
from runtime.errors import Call
from runtime.kernel import Kernel
from runtime.lib import idr as lib
from runtime.lib.xarray import Array
from runtime.lib.xarray_store import take_node
from runtime.lib.xas import Xas

idr_p = Annotated[int, pointer("idr")]
ida_p = Annotated[int, pointer("ida")]
u32_p = Annotated[int, pointer("u32")]
int_p = Annotated[int, pointer("int")]
unsigned_long_p = Annotated[int, pointer("unsigned long")]
_INT_MAX = (1 << 31) - 1
_MASK = (1 << 64) - 1
has_from_boot(__name__, from_boot)

# idr


def _idr(k: Kernel, idr: int) -> tuple[Array, int]:
    """Its array, and the number of index 0."""
    array = array_of(k, idr)
    array.idr = True
    return array, k.mem.u32(idr + k.abi.offset("idr", "idr_base"))


def _alloc(k: Kernel, idr: int, ptr: int, start: int, last: int, gfp: int) -> int:
    """Return: the number; -ENOSPC, -ENOMEM."""
    array, base = _idr(k, idr)
    if not array.tracks_free:
        k.trouble.warn("idr_alloc_uninitialised")
        array.flags |= k.abi.const["IDR_RT_MARKER"]
    if last < base:
        return -ENOSPC
    index = lib.take(array, max(start - base, 0), last - base, ptr, gfp)
    return index if index < 0 else index + base


@export
def idr_alloc_u32(k: Kernel, idr: idr_p, ptr: void_p, nextid: u32_p, max: unsigned_long, gfp: gfp_t) -> int_:
    """Take the lowest free number from *nextid to max for ptr, and store it in *nextid. Return: 0; -ENOSPC; -ENOMEM."""
    number = _alloc(k, idr, ptr, k.mem.u32(nextid), max, gfp)
    if number < 0:
        return number
    k.mem.put32(nextid, number)
    return 0


@export
def idr_alloc(k: Kernel, idr: idr_p, ptr: void_p, start: int_, end: int_, gfp: gfp_t) -> int_:
    """Take the lowest free number from start on, below end (0: no end), for ptr.

    Return: the number; -ENOSPC; -ENOMEM.
    """
    if start < 0:
        k.trouble.warn("idr_alloc_negative")
        return -EINVAL
    return _alloc(k, idr, ptr, start, end - 1 if end > 0 else _INT_MAX, gfp)


@export
def idr_alloc_cyclic(k: Kernel, idr: idr_p, ptr: void_p, start: int_, end: int_, gfp: gfp_t) -> int_:
    """idr_alloc() that goes on behind the last number, and begins at start again when there is none."""
    next_at = idr + k.abi.offset("idr", "idr_next")
    last = end - 1 if end > 0 else _INT_MAX
    first = k.mem.u32(next_at)
    if s32_of(first) < start:
        first = start
    number = _alloc(k, idr, ptr, first, last, gfp)
    if number == -ENOSPC and first > start:
        number = _alloc(k, idr, ptr, start, last, gfp)
    if number >= 0:
        k.mem.put32(next_at, number + 1)
    return number


@export
def idr_remove(k: Kernel, idr: idr_p, id: unsigned_long) -> void_p:
    """Give a number back. Return: its pointer, NULL where it was free."""
    array, base = _idr(k, idr)
    return lib.remove(array, id - base & _MASK)


@export
def idr_find(k: Kernel, idr: idr_p, id: unsigned_long) -> void_p:
    """The pointer of a number, NULL where it is free."""
    array, base = _idr(k, idr)
    return Xas(array, id - base & _MASK).load()


@export
def idr_replace(k: Kernel, idr: idr_p, ptr: void_p, id: unsigned_long) -> void_p:
    """Give a number another pointer. Return: the old one; ERR_PTR(-ENOENT) where the number is free."""
    array, base = _idr(k, idr)
    old = lib.replace(array, id - base & _MASK, ptr)
    return -ENOENT & _MASK if old is None else old


def _next(array: Array, index: int, last: int = _MASK) -> tuple[int, int]:
    """(index, pointer) of the first pointer that is not NULL, from index on; pointer 0 where there is none."""
    xas = Xas(array, index)
    entry = xas.find(last)
    return xas.index, entry


@export
def idr_get_next_ul(k: Kernel, idr: idr_p, nextid: unsigned_long_p) -> void_p:
    """The pointer of the next number from *nextid on, which then says the number. Return: NULL where there is none."""
    array, base = _idr(k, idr)
    index, entry = _next(array, max(k.mem.u64(nextid) - base, 0))
    if entry:
        k.mem.put64(nextid, index + base)
    return entry


@export
def idr_get_next(k: Kernel, idr: idr_p, nextid: int_p) -> void_p:
    array, base = _idr(k, idr)
    index, entry = _next(array, max(k.mem.i32(nextid) & _MASK, base) - base, _INT_MAX)
    if entry:
        k.mem.put32(nextid, index + base)
    return entry


@export
def idr_for_each(k: Kernel, idr: idr_p, fn: function_p, data: void_p) -> Stepped[int_]:
    """Call fn(number, pointer, data) for each number, until it returns something else than 0. Return: that."""
    return _visit(k, 0, idr, fn, data, 0)


def _visit(k: Kernel, rax: int, idr: int, fn: int, data: int, start: int) -> int | Call:
    """fn has seen all below start."""
    if s32_of(rax):
        return s32_of(rax)
    array, base = _idr(k, idr)
    index, entry = _next(array, start)
    if not entry:
        return 0
    return Call(fn, index + base, entry, data, then=_visit, data=(idr, fn, data, index + 1))


@export
def idr_destroy(k: Kernel, idr: idr_p) -> None:
    """Free what the idr itself has allocated; the pointers are the caller's."""
    array, _ = _idr(k, idr)
    lib.empty(array)


# ida


@export
def ida_alloc_range(k: Kernel, ida: ida_p, min: unsigned_int, max: unsigned_int, gfp: gfp_t) -> int_:
    """Take the lowest free number from min to max. Return: the number; -ENOSPC; -ENOMEM."""
    if min > _INT_MAX:
        return -ENOSPC
    high = max if max <= _INT_MAX else _INT_MAX
    array, spare = array_of(k, ida), 0
    xas = Xas(array, min // lib.IDA_BITS)
    while True:
        flags = _raw_spin_lock_irqsave(k, ida)
        number, used = lib.ida_take(array, xas, min, high, spare)
        if number is None:
            spare = _bitmap(k, k.abi.const["GFP_NOWAIT"])
        _raw_spin_unlock_irqrestore(k, ida, flags)
        if used:
            spare = 0
        if number is None:
            spare = spare or _bitmap(k, gfp)
            if not spare:
                return -ENOMEM
        elif not take_node(xas, gfp):
            break
        xas = Xas(array, min // lib.IDA_BITS, spare=xas.spare)
    k.slab.kfree(spare)
    return xas.errno or number


def _bitmap(k: Kernel, gfp: int) -> int:
    return k.slab.kmalloc(k.abi.sizeof("ida_bitmap"), gfp | k.abi.const["__GFP_ZERO"])


@export
def ida_free(k: Kernel, ida: ida_p, id: unsigned_int) -> None:
    """Give a number back. Finding: a WARN where it is free."""
    if id > _INT_MAX:
        return
    flags = _raw_spin_lock_irqsave(k, ida)
    taken, bitmap = lib.ida_give(array_of(k, ida), id)
    k.slab.kfree(bitmap)
    _raw_spin_unlock_irqrestore(k, ida, flags)
    if not taken:
        k.trouble.warn("ida_free", id)


@export
def ida_destroy(k: Kernel, ida: ida_p) -> None:
    """Free what the ida itself has allocated: all numbers are free again."""
    flags = _raw_spin_lock_irqsave(k, ida)
    for bitmap in lib.ida_bitmaps(array_of(k, ida)):
        k.slab.kfree(bitmap)
    _raw_spin_unlock_irqrestore(k, ida, flags)
