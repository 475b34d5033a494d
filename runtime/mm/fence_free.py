"""kfree() of an object that has a fence, where nothing is unusual: in one go.

What Books.retire() and SlabCore.free() do for the record and the shadow, once the object is unmapped: a fault sweep
frees more often than it does anything else.
"""

from typing import Protocol

from runtime.mm.context import MOST_FREED
from runtime.mm.fence import Fences
from runtime.mm.fence_room import NOTE_WORDS
from runtime.mm.slab_core import SlabCore
from runtime.undo import del_key, pop, push, put_key
from runtime.units import PAGE_SHIFT, Virt


class Free(Protocol):
    def __call__(self, objp: Virt) -> None: ...


def make_kfree(slab: SlabCore, fences: Fences, slowly: Free) -> Free:
    """slowly: kfree() by parts, of anything."""
    ctx, offset, pages, leave = slab.ctx, slab.offset, slab.pa.pages, fences.leave
    u64, noted, touched = ctx.ram.u64, ctx.undo.noted, ctx.ram.touched
    books, freed, pop_book = ctx.books.slab, ctx.books.freed, ctx.books.pop
    first, count, first_pfn, notes = fences.virt, fences.pages, fences.first_pfn, fences.room.notes >> 3
    size, struct_pages = pages.size, pages.filled

    def kfree(objp: Virt) -> None:
        """Free what kmalloc() or kmem_cache_alloc() gave."""
        record, index = books.get(objp), objp - first >> PAGE_SHIFT
        if record is None or not 0 <= index < count or objp in freed or len(freed) >= MOST_FREED:
            return slowly(objp)
        cache, cpu, shadow = record[0], ctx.cpu, u64[notes + index * NOTE_WORDS]
        shape = None if cache is None or cache.wipe else cache.shapes.get(record[1])
        if shape is None or (first_pfn + index) * size >> PAGE_SHIFT in struct_pages:
            return slowly(objp)
        base, mask = cache.cpu_slab[cpu]
        if shadow & mask != base or not leave(index, shape):
            return slowly(objp)
        free, link = cache.cpu_free[cpu], shadow - offset + cache.offset
        u64[link >> 3] = (free[-1] if free else 0) ^ cache.masks[shadow]
        touched(link >> PAGE_SHIFT)
        pop_book(books, objp)
        noted((put_key, books, objp, record))
        put_key(freed, objp, (record, ctx.stack()))
        noted((del_key, freed, objp))
        push(free, shadow)
        noted((pop, free))
        return None

    return kfree
