"""New slabs and old ones: pages from the page allocator, made into objects, and given back.

Linux: mm/slub.c, allocate_slab(), shuffle_freelist(), discard_slab(), 6.1
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable
from struct import Struct, calcsize

from runtime.mm.context import Context
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.slab_cache import Cache, Slab
from runtime.mm.slab_geometry import SlabFlags
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Virt

_MOST_ARRANGEMENTS = 64  # of a cache


class SlabPages(ABC):
    """The slabs of all caches, as pages. slab_at: by the address of the first page."""

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        self.ctx, self.pa, self.ram, self.f = ctx, pages, ctx.ram, SlabFlags(ctx.abi)
        self._touched, self._noted, self._pop_book = ctx.ram.touched, ctx.undo.noted, ctx.books.pop
        self._u64, self._put64, self._put32, self._write = ctx.ram.u64, ctx.ram.put64, ctx.ram.put32, ctx.ram.write
        self._new_list, self._pg_slab = ctx.undo.list, pages.pages.PG_slab
        self.gfp = gfp = pages.gfp
        self.live = ctx.books.slab
        self.slab_at: dict[Virt, Slab] = ctx.undo.dict()
        self.offset: Virt = ctx.arch.PAGE_OFFSET
        self.sleeps = gfp.DIRECT_RECLAIM
        self.init_on_alloc, self.init_on_free = pages.init_on_alloc, pages.init_on_free
        const, offset = ctx.abi.const, ctx.abi.offset
        self.cache_at_offset: int = offset("slab", "slab_cache")
        self.counters_at: int = offset("slab", "counters")
        self._pages_at, self._page_size, self._flags_at = pages.pages.phys, pages.pages.size, pages.pages.flags_at
        self._freelist_at: int = offset("slab", "freelist")
        members = ((self.cache_at_offset, "Q"), (self._freelist_at, "Q"), (self.counters_at, "I"))
        self._new_state = in_places(((self._flags_at, "Q"), *members))
        modifiers = "HIGH IO FS NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC NOMEMALLOC ATOMIC HARDWALL THISNODE"
        self._passed_on: int = gfp.RECLAIM | sum(const[f"__GFP_{name}"] for name in modifiers.split())
        self.bug_mask: int = gfp.DMA32 | gfp.HIGHMEM | ~gfp.BITS_MASK & 0xFFFFFFFF
        self._first_try, self._no_fail = gfp.NOWARN | gfp.NORETRY, ~gfp.NOFAIL
        self._dma, self._dma32 = const["GFP_DMA"], const["GFP_DMA32"]

    def prepare_init(self, cache: Cache) -> None:
        """What has to be cleared when. Linux: slab_want_init_on_alloc(), slab_want_init_on_free(), 6.1"""
        cache.zero_always = self.init_on_alloc and not cache.no_init and self.ctx.fill is None
        # With init-on-alloc a cache with a constructor is never cleared, not even for __GFP_ZERO (which WARNs).
        cache.zero_mask = 0 if cache.ctor and self.init_on_alloc else self.gfp.ZERO
        cache.wipe = self.init_on_free and not cache.no_init
        cache.page_gfp = self._cache_gfp(cache)

    def new_slab(self, cache: Cache, gfp: int) -> Slab | None:
        """Get pages for a slab and write its free list. Return: None on scarcity, after Linux's report. Linux:

        new_slab()
        """
        made = self.make_slab(cache, gfp, frozen=False)
        if made is None:
            return None
        slab, order_of_use = made
        slab.free.extend(order_of_use)
        return slab

    def make_slab(self, cache: Cache, gfp: int, frozen: bool) -> tuple[Slab, list[Virt]] | None:
        """(a new slab, its objects in the order of use), which are on no list yet: frozen: they are to be a CPU's."""
        if gfp & self.bug_mask:
            gfp = self.fix_flags(gfp)
        got = self._slab_pages(cache, gfp & self._passed_on | cache.page_gfp)
        if got is None:
            self._out_of_memory(cache, gfp)
            return None
        pfn, order, objects = got
        base = self.offset + (pfn << PAGE_SHIFT)
        slab = Slab(cache, pfn, base, order, objects, self._new_list())
        self.slab_at[base] = cache.slabs[base] = slab
        nth = cache.state[0]
        cache.state[0] = nth + 1
        order_of_use, content = cache.arrangements.get((base, objects, nth)) or self._arrange(slab, nth)
        at = self._pages_at + pfn * self._page_size
        flags = self._u64[at + self._flags_at >> 3] | self._pg_slab
        first, used = (0, objects | 1 << 31) if frozen else (order_of_use[-1], 0)
        self._write(at, self._new_state.pack(flags, cache.address, first, used | objects << 16))
        if self.init_on_alloc and self.ctx.fill is None and not cache.debug:
            self._write(pfn << PAGE_SHIFT, content)  # the page allocator has cleared the pages
        else:
            self._write_free_pointers(slab, content)
        return slab, order_of_use

    def _slab_pages(self, cache: Cache, flags: int) -> tuple[int, int, int] | None:
        g, order = self.gfp, cache.order
        first = (flags | self._first_try) & self._no_fail
        if order:
            first |= g.COMP
            if first & g.DIRECT_RECLAIM and order > cache.min_order:
                first = (first | g.NOMEMALLOC) & ~g.RECLAIM
        pfn = self.pa.get_pages(first, order)
        if pfn is not None:
            return pfn, order, cache.objects
        pfn = self.pa.get_pages(flags | (g.COMP if cache.min_order else 0), cache.min_order)
        return None if pfn is None else (pfn, cache.min_order, cache.min_objects)

    def _cache_gfp(self, cache: Cache) -> int:
        flags = cache.flags
        dma = (self._dma if flags & self.f.CACHE_DMA else 0) | (self._dma32 if flags & self.f.CACHE_DMA32 else 0)
        return dma | (self.gfp.RECLAIMABLE if flags & self.f.RECLAIM_ACCOUNT else 0)

    def _arrange(self, slab: Slab, nth: int) -> tuple[list[Virt], bytes]:
        """(the objects in the order of use, the pages with all free pointers and nothing else) of a cache's nth slab.

        They follow from the arguments: a machine that is taken back makes the same slabs again and again, so they are
        kept.
        """
        cache, start = slab.cache, slab.start
        masks = cache.masks_of(start, slab.objects)
        cache.masks.update(masks)
        free = cache.shuffled(start, slab.objects, nth)
        following = dict(zip(free, [0, *free[:-1]], strict=True))
        content = bytearray(PAGE_SIZE << slab.order)
        memoryview(content).cast("Q")[self._pointers(slab)] = array(
            "Q", [mask ^ following[objp] for objp, mask in masks.items()]
        )
        if self.ctx.undo.journal:
            if len(cache.arrangements) >= _MOST_ARRANGEMENTS:
                cache.arrangements.clear()
            cache.arrangements[slab.base, slab.objects, nth] = free, bytes(content)
        return free, bytes(content)

    def _pointers(self, slab: Slab) -> slice:
        """Which words of a slab are free pointers."""
        cache, step = slab.cache, slab.cache.size >> 3
        first = cache.red_left_pad + cache.offset >> 3
        return slice(first, first + (slab.objects - 1) * step + 1, step)

    def _write_free_pointers(self, slab: Slab, content: bytes) -> None:
        # All at once. The rest of the pages keeps what they hold.
        if slab.cache.debug:
            self.setup_debug(slab)
        phys, words = slab.pfn << PAGE_SHIFT, self._pointers(slab)
        pages = bytearray(self.ram.mem[phys : phys + (PAGE_SIZE << slab.order)])
        memoryview(pages).cast("Q")[words] = memoryview(content).cast("Q")[words]
        self._write(phys, bytes(pages))

    def write_state(self, slab: Slab, frozen: bool) -> None:
        """Keep struct page true: free list, objects in use, frozen."""
        at, free = self._pages_at + slab.pfn * self._page_size, slab.free
        self._put64(at + self._freelist_at, free[-1] if free else 0)
        self._put32(at + self.counters_at, slab.objects - len(free) | slab.objects << 16 | frozen << 31)

    def frozen(self, slab: Slab) -> bool:
        """Does a CPU own this slab, as its current or as a partial one?"""
        return self.ram.u32[self._pages_at + slab.pfn * self._page_size + self.counters_at >> 2] >> 31 != 0

    def discard(self, slab: Slab) -> None:
        """Give an empty slab's pages back. (TYPESAFE_BY_RCU: a grace period is over as soon as it starts.)"""
        if slab.cache.debug:
            self.check_discarded(slab)
        self.slab_at.pop(slab.base)
        slab.cache.slabs.pop(slab.base)
        self.pa.free_clean(slab.pfn, slab.order)

    # What Linux logs.
    def fix_flags(self, gfp: int) -> int:
        """Drop flags that mean nothing to a slab, loudly. Linux: kmalloc_fix_flags(), 6.1"""
        bad, good = gfp & self.bug_mask, gfp & ~self.bug_mask
        text = self.gfp.text
        self.ctx.printk(
            4, f"Unexpected gfp: {bad:#x} ({text(bad)}). Fixing up to gfp: {good:#x} ({text(good)}). Fix your code!"
        )
        self.ctx.dump_stack()
        return good

    def _out_of_memory(self, cache: Cache, gfp: int) -> None:
        if gfp & self.gfp.NOWARN or not self.ctx.ratelimited("slab_out_of_memory", 5, 10):
            return
        log = self.ctx.printk
        log(4, f"SLUB: Unable to allocate memory on node -1, gfp={gfp:#x}({self.gfp.text(gfp)})")
        log(
            4,
            f"  cache: {cache.name}, object size: {cache.object_size}, buffer size: {cache.size},"
            f" default order: {cache.order}, min order: {cache.min_order}",
        )
        unused = cache.count - cache.active
        log(4, f"  node 0: slabs: {len(cache.slabs)}, objs: {cache.count}, free: {unused}")

    # Caches with debug flags: slab_debug.py.
    @abstractmethod
    def setup_debug(self, slab: Slab) -> None:
        """Fill a new slab."""

    @abstractmethod
    def check_discarded(self, slab: Slab) -> None:
        """Look at the objects of an empty slab a last time."""


def in_places(members: Iterable[tuple[int, str]]) -> Struct:
    """A Struct of (offset, format) in that order, with zeros between."""
    text, end = "<", 0
    for offset, form in members:
        text += f"{offset - end}x{form}"
        end = offset + calcsize("<" + form)
    return Struct(text)
