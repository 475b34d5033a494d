"""The slab allocator with fences: modules get a copy of each object, on pages of its own (fence.py).

An object of a cache with a constructor keeps its slot for as long as its slab lives, as the constructor may have
written the object's address into it; so do objects of SLAB_TYPESAFE_BY_RCU, which readers may still use when they are
freed. Caches with debug flags stay as they are: SLUB's own red zones say what Linux says. So do the kernel's own
objects, and what has to lie at low addresses (GFP_DMA).

Invariant: in the books are the addresses that modules have; each has its shadow, which no other has.
"""

from runtime.mm.context import Context
from runtime.mm.fence import LARGE, SLAB, Fences, Note
from runtime.mm.fence_caches import FencedCaches
from runtime.mm.fence_free import Free, make_kfree
from runtime.mm.fence_pages import FencedPages
from runtime.mm.page_alloc import order_of
from runtime.mm.slab_cache import Cache, Slab
from runtime.mm.slab_core import Record, SlabCore
from runtime.undo import pop, push
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Virt

_MINIMUM_ALIGNMENT = 8  # ARCH_KMALLOC_MINALIGN


class FencedSlab(FencedCaches):
    """k.slab of a machine with fences."""

    pa: FencedPages
    kfree: Free

    def __init__(self, ctx: Context, pages: FencedPages, fences: Fences) -> None:
        self.fences, self.books = fences, ctx.books.slab
        self._taken: dict[Virt, Record] = {}  # what the allocator has just taken: empty between two calls
        self.bound: dict[Virt, Virt] = ctx.undo.dict()  # shadow -> the address that it has in its slab's life
        self.waiting: list[tuple[Virt, int]] = ctx.undo.list()  # freed, but readers may use them: (virt, bytes)
        self._struct_pages, self._page_size = pages.pages.filled, pages.pages.size
        self._low, self._mem, self._u64 = pages.low, ctx.ram.mem, ctx.ram.u64
        self._first, self._count, self._notes = fences.virt, fences.pages, fences.notes_at
        self._fence, self._leave, self._noted = fences.enclose, fences.leave, ctx.undo.noted
        super().__init__(ctx, pages)
        self.kfree = make_kfree(self, fences, super().kfree)

    # Allocating

    def alloc(self, cache: Cache, gfp: int, size: int) -> Virt:
        """As unfenced; then the object gets its fence."""
        ctx = self.ctx
        shape, free = cache.shapes.get(size), cache.cpu_free[ctx.cpu]
        if shape is None or not free or gfp & self._low or ctx.fill is not None:
            return self._alloc_slowly(cache, gfp, size)
        # What SlabCore.alloc() does, for an object that fits into a page, where nothing is unusual.
        stack = ctx.stack()
        if gfp & self.sleeps and ctx.in_atomic():
            ctx.sleeping(gfp, f"allocation from {cache.name}")
        if ctx.plan is not None and ctx.plan.fails("slab", size, gfp, stack, cache.name):
            return 0
        shadow = pop(free)
        self._noted((push, free, shadow))
        at = shadow - self.offset
        if self._u64[at + cache.offset >> 3] ^ cache.masks[shadow] != (free[-1] if free else 0):
            self._overwritten(cache, shadow)
        content = shape[6] if cache.zero_always or gfp & cache.zero_mask else self._mem[at : at + size]
        virt = self._fence(shape, SLAB, shadow, content)
        if not virt:
            self.ram.write(at, content)
            virt = shadow
        self.books[virt] = (cache, size, gfp, stack)
        if (virt - self.offset >> PAGE_SHIFT) * self._page_size >> PAGE_SHIFT in self._struct_pages and virt != shadow:
            self.pa.fence_taken(virt, size)
        return virt

    def _alloc_slowly(self, cache: Cache, gfp: int, size: int) -> Virt:
        self.live = self._taken
        try:
            objp = SlabCore.alloc(self, cache, gfp, size)
        finally:
            self.live = self.books
        record = self._taken.pop(objp, None)
        return objp if record is None else self._enclose(cache, objp, record)

    def take(self, cache: Cache, gfp: int, size: int) -> Virt:
        """As unfenced; then the object gets its fence."""
        self.live = self._taken
        try:
            objp = SlabCore.take(self, cache, gfp, size)
        finally:
            self.live = self.books
        record = self._taken.pop(objp, None)
        return objp if record is None else self._enclose(cache, objp, record)

    def _enclose(self, cache: Cache, shadow: Virt, record: Record) -> Virt:
        size = record[1]
        if not cache.fenced or record[2] & self._low:
            virt = 0
        elif cache.keeps_address:
            virt = self._bound(cache, shadow, record[2])
        else:
            at = shadow - self.offset
            shape = self.fences.shape(size, self._alignment(cache, size))
            if size <= PAGE_SIZE:
                cache.shapes[size] = shape
            virt = self._fence(shape, SLAB, shadow, self._mem[at : at + size])
        if not virt:
            self.books[shadow] = record
            return shadow
        self.books[virt] = record
        if size > PAGE_SIZE or (virt - self.offset >> PAGE_SHIFT) * self._page_size >> PAGE_SHIFT in self._struct_pages:
            self.pa.fence_taken(virt, size)
        return virt

    def _alignment(self, cache: Cache, size: int) -> int:
        # What is promised: of kmalloc() a power of two is aligned to itself.
        if cache.flags & self.f.KMALLOC:
            return _MINIMUM_ALIGNMENT if size & size - 1 else size
        return cache.align

    def _bound(self, cache: Cache, shadow: Virt, gfp: int) -> Virt:
        # The address that the object had before; for readers' sake it gets one the first time, where a constructor has
        # seen another, there was no room.
        virt = self.bound.get(shadow, 0)
        if virt:
            if (virt, cache.object_size) in self.waiting:
                self.waiting.remove((virt, cache.object_size))
            self.fences.revive(virt, self.fences.shape(cache.object_size, cache.align))
            if cache.zero_always or gfp & cache.zero_mask:
                self.ctx.mem.write(virt, cache.zeros)
        elif not cache.ctor:
            virt = self._bind(cache, shadow)
        return virt

    def _bind(self, cache: Cache, shadow: Virt) -> Virt:
        at, size = shadow - self.offset, cache.object_size
        shape = self.fences.shape(size, cache.align)
        virt = self.fences.enclose(shape, SLAB, shadow, self.ram.mem[at : at + size])
        if virt:
            self.bound[shadow] = virt
        return virt

    def kmalloc_large(self, size: int, gfp: int) -> Virt:
        """As unfenced; then the pages get their fence."""
        self.live = self._taken
        try:
            shadow = super().kmalloc_large(size, gfp)
        finally:
            self.live = self.books
        record = self._taken.pop(shadow, None)
        if record is None:
            return shadow
        if gfp & self._low:
            self.books[shadow] = record
            return shadow
        shape = self.fences.shape(size, _MINIMUM_ALIGNMENT if size & size - 1 else size)
        virt = self.fences.show(shape, LARGE, shadow, size) or shadow
        self.books[virt] = record
        if virt != shadow:
            self.pa.fence_taken(virt, size)
        return virt

    # Constructors, readers

    def begin_slab(self, cache: Cache, gfp: int) -> Slab | None:
        """As unfenced; and each object gets the slot that it keeps."""
        slab = super().begin_slab(cache, gfp)
        if slab is not None and cache.fenced:
            for shadow in slab.free:
                self._bind(cache, shadow)
        return slab

    def objects_of(self, base: Virt) -> list[Virt]:
        """As unfenced, by the addresses that modules will see."""
        return [self.bound.get(shadow, shadow) for shadow in super().objects_of(base)]

    def finish_slab(self, base: Virt) -> None:
        """As unfenced; free objects are not mapped."""
        for shadow in self.slab_at[base].free:
            if shadow in self.bound:
                self._unmap(self.bound[shadow], self.slab_at[base].cache.object_size, hold=True)
        super().finish_slab(base)

    def _unmap(self, virt: Virt, size: int, hold: bool) -> None:
        note = self.fences.at(virt)
        assert note is not None
        self.fences.unmap(note.head, self.fences.slot_of(size), hold)

    def discard(self, slab: Slab) -> None:
        """As unfenced; what its objects had is free."""
        cache = slab.cache
        if cache.keeps_address and self.bound:
            for shadow in range(slab.start, slab.start + slab.objects * cache.size, cache.size):
                virt = self.bound.pop(shadow, 0)
                if virt and (virt, cache.object_size) not in self.waiting:
                    self._unmap(virt, cache.object_size, hold=False)
        super().discard(slab)

    def settle(self) -> None:
        """A grace period is over: what was freed before may be unmapped."""
        if self.waiting:
            bound = set(self.bound.values())
            for virt, size in self.waiting:
                self._unmap(virt, size, hold=virt in bound)
            self.waiting.clear()

    # Freeing

    def kmem_cache_free(self, address: Virt, objp: Virt) -> None:
        """As unfenced."""
        record, cache = self.books.get(objp), self.made.get(address)
        if record is None or cache is None or record[0] is not cache:
            super().kmem_cache_free(address, objp)
        else:
            self.kfree(objp)

    def free(self, cache: Cache, objp: Virt, record: Record) -> None:
        """As unfenced, of the shadow; the object's pages are not mapped any more.

        Finding: out-of-bounds.
        """
        index = objp - self._first >> PAGE_SHIFT
        if not 0 <= index < self._count:
            SlabCore.free(self, cache, objp, record)
            return
        ctx, size = self.ctx, record[1]
        shape, shadow = cache.shapes.get(size), self._u64[self._notes + 4 * index]
        if shape is None or not self._leave(index, shape):
            self._free_slowly(cache, objp, record)
        if size > PAGE_SIZE or (objp - self.offset >> PAGE_SHIFT) * self._page_size >> PAGE_SHIFT in self._struct_pages:
            self.pa.fence_left(objp, size)
        if ctx.keep_freed:
            ctx.books.remember(objp, record, ctx.stack())
        keep, ctx.keep_freed = ctx.keep_freed, False
        SlabCore.free(self, cache, shadow, record)
        ctx.keep_freed = keep

    def _free_slowly(self, cache: Cache, objp: Virt, record: Record) -> None:
        if not self.fences.intact(objp, record[1]):
            self.pa.report_overwritten(objp, record[1], cache.name, record[3])
        if not cache.keeps_address:
            self._unmap(objp, record[1], hold=False)
            return
        if not cache.flags & self.f.TYPESAFE_BY_RCU:
            self._unmap(objp, cache.object_size, hold=True)
            return
        self.waiting.append((objp, cache.object_size))
        if not self.ctx.in_atomic():
            self.settle()

    def _free_large(self, objp: Virt, record: Record) -> None:
        note, pages = self.fences.at(objp), self.pa.pages
        if note is None:
            super()._free_large(objp, record)
            return
        if self.ctx.keep_freed:
            self.ctx.books.remember(objp, record, self.ctx.stack())
        if not self.fences.intact(objp, record[1]):
            self.pa.report_overwritten(objp, record[1], "kmalloc()", record[3])
        head, order = self.fences.first_pfn + note.head, order_of(record[1])
        if not order:
            self._warn_single_page(objp)
        if pages.refcount(head) == 1:
            pages.reset(head, 1 << order)
            self.pa.release(head, order)
        elif not self.pa.put_pages(head, order):
            self.pa.live[head] = (order, record[2], record[3])

    def verify(self) -> None:
        """Look at the red bytes of all that lives. Finding: out-of-bounds."""
        for objp, (cache, size, _, stack) in list(self.books.items()):
            if self.fences.holds(objp) and not self.fences.intact(objp, size):
                self.pa.report_overwritten(objp, size, cache.name if cache else "kmalloc()", stack, ())

    def ksize(self, objp: Virt) -> int:
        """What was asked for: the owner may use no more."""
        record = self.books.get(objp)
        return record[1] if record is not None and self.fences.holds(objp) else super().ksize(objp)

    # What is freed wrong

    def odd_free(self, objp: Virt, wanted: Cache | None) -> None:
        """As unfenced, for an address that lies in a fence."""
        note = self.fences.at(objp)
        if note is None or note.kind not in (SLAB, LARGE):
            super().odd_free(objp, wanted)
            return
        record = self.books.get(note.object) or self.ctx.books.freed.get(note.object, (None, ()))[0]
        name = record[0].name if record and record[0] else "kmalloc()"
        if objp != note.object:
            self.ctx.finding(
                "invalid-free", f"free of an address {objp - note.object} bytes into an object of {name}",
                address=objp, size=note.size, allocated=record and record[3],
            )  # fmt: skip
        elif note.kind == LARGE:
            self._free_no_object(objp, wanted)
        else:
            self.report_free_again(objp, name, note.size)
            self._oops_if_first(note, "slab_double_free" if wanted is None else "kmem_cache_double_free")

    def _oops_if_first(self, note: Note, site: str) -> None:
        # Linux notices it only if the object is the first of the free list: so with the shadow, while it is free.
        slab = self.find_slab(note.shadow)
        if slab is not None and note.shadow in slab:
            self.notice_double_free(slab, note.shadow, site)
