"""kfree() of an object that has a fence, where nothing is unusual: all in one go.

What Fences.leave(), Books.retire() and SlabCore.free() do, one after the other, for the object, its record and its
shadow: a fault sweep frees more often than it does anything else.
"""

from typing import Protocol

from runtime.arch import x86_64 as arch
from runtime.mm.context import MOST_FREED
from runtime.mm.fence import Fences
from runtime.mm.fence_room import NOTE_WORDS, STACK
from runtime.mm.slab_core import SlabCore
from runtime.undo import del_key, pop, push, put_key
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Virt


class Free(Protocol):
    def __call__(self, objp: Virt) -> None: ...


def make_kfree(slab: SlabCore, fences: Fences, slowly: Free) -> Free:
    """slowly: kfree() by parts, of anything."""
    ctx, offset, pages, room = slab.ctx, slab.offset, slab.pa.pages, fences.room
    u64, mem, tables, noted = ctx.ram.u64, ctx.ram.mem, ctx.tables, ctx.undo.noted
    books, freed, pop_book = ctx.books.slab, ctx.books.freed, ctx.books.pop
    readable, writable = tables.readable, tables.writable
    note = ctx.ram.written.add if ctx.undo.journal else None
    first, count, first_page, first_pfn = fences.virt, fences.pages, fences.virt >> PAGE_SHIFT, fences.first_pfn
    notes, entries, stack, at_stack = room.notes >> 3, room.entries >> 3, room.stack >> 3, (room.state >> 3) + STACK
    size, struct_pages = pages.size, pages.filled
    phys, dirty, accessed = arch.PTE_PHYS, arch.PTE_DIRTY, arch.PTE_ACCESSED

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
        at = entries + index
        entry = u64[at]
        frame = entry & phys
        content = mem[frame : frame + PAGE_SIZE]
        if shadow & mask != base or not (content.startswith(shape[4]) and content.endswith(shape[5])):
            return slowly(objp)
        free, top, link = cache.cpu_free[cpu], u64[at_stack], shadow - offset + cache.offset
        u64[at] = 0
        u64[stack + top] = frame
        u64[at_stack] = top + 1
        u64[link >> 3] = (free[-1] if free else 0) ^ cache.masks[shadow]
        page = first_page + index
        if page in readable:
            del readable[page]
        if page in writable:
            del writable[page]
        if note is not None:
            note(at >> 9)
            note(at_stack >> 9)
            note(stack + top >> 9)
            note(link >> PAGE_SHIFT)
            if entry & dirty:
                note(frame >> PAGE_SHIFT)
        if entry & accessed:
            tables.flush()
        pop_book(books, objp)
        noted((put_key, (books, objp, record)))
        put_key(freed, objp, (record, ctx.stack()))
        noted((del_key, (freed, objp)))
        push(free, shadow)
        noted((pop, (free,)))
        return None

    return kfree
