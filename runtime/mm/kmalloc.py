"""kmalloc(): caches by size and type for up to 8 KiB, whole pages above.

Types: normal; cgroup (__GFP_ACCOUNT); reclaimable; DMA. Sizes: 8 to 8192 in powers of two, and 96 and 192. The caches'
addresses exist from boot on (modules read the array kmalloc_caches[type][index] and pass what they find), the caches
themselves from the load of a module that reads their element, or from their first use.

Linux: mm/slab_common.c, kmalloc_slab(), __do_kmalloc_node(), kfree(); include/linux/slab.h, kmalloc_type(), 6.1
"""

from abc import abstractmethod

from runtime.errors import KernelBug
from runtime.mm.context import Context
from runtime.mm.page_alloc import PageAllocator, order_of
from runtime.mm.slab_cache import Cache, Slab
from runtime.mm.slab_core import Record
from runtime.mm.slab_debug import SlabDebug
from runtime.undo import put_key
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Virt

MAX_CACHE_SIZE = 8192
_ODD = {1: 96, 2: 192}  # index -> size, where it is not 1 << index
_FILE = "mm/slab_common.c"


def _index_of(size: int) -> int:
    return 1 if 64 < size <= 96 else 2 if 128 < size <= 192 else max(3, (size - 1).bit_length())


INDEX = bytes(_index_of(max(1, words * 8)) for words in range(MAX_CACHE_SIZE // 8 + 1))  # by (size + 7) / 8


def short(size: int) -> str:
    """A size as the caches' names have it: 512, 1k."""
    return f"{size >> 10}k" if size >= 1024 else str(size)


class Kmalloc(SlabDebug):
    """kmalloc(), kfree() and their family."""

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        super().__init__(ctx, pages)
        const = ctx.abi.const
        self.NORMAL: int = const["KMALLOC_NORMAL"]
        self.CGROUP: int = const["KMALLOC_CGROUP"]
        self.RECLAIM: int = const["KMALLOC_RECLAIM"]
        self.DMA: int = const["KMALLOC_DMA"]
        self.top_index: int = const["KMALLOC_SHIFT_HIGH"]
        row: list[Cache | None] = [None] * (self.top_index + 1)
        self.kcaches = [ctx.undo.list(row) for _ in range(const["NR_KMALLOC_TYPES"])]
        self._special = self.gfp.DMA | self.gfp.RECLAIMABLE | self.gfp.ACCOUNT
        self.zero_size: Virt = const["ZERO_SIZE_PTR"]

    def kmalloc_type(self, gfp: int) -> int:
        """Which row of kmalloc_caches."""
        if not gfp & self._special:
            return self.NORMAL
        if gfp & self.gfp.DMA:
            return self.DMA
        return self.RECLAIM if gfp & self.gfp.RECLAIMABLE else self.CGROUP

    def kmalloc_slab(self, size: int, gfp: int) -> Cache:
        """The cache for 1 to 8192 bytes."""
        kind, index = self.kmalloc_type(gfp), INDEX[size + 7 >> 3]
        return self.kcaches[kind][index] or self.kmalloc_cache(kind, index)

    @abstractmethod
    def kmalloc_cache(self, kind: int, index: int) -> Cache:
        """The cache of one row and column, which is made."""

    def kmalloc(self, size: int, gfp: int) -> Virt:
        """Allocate size bytes, aligned to 8, or to size where that is a power of two.

        Return: ZERO_SIZE_PTR for size 0; 0 on scarcity or an injected failure. Above 4 MiB: 0, with a WARN once a boot.
        Finding: sleep-in-atomic.
        """
        if size > MAX_CACHE_SIZE:
            return self.kmalloc_large(size, gfp)
        if not size:
            return self.zero_size
        kind = 0 if not gfp & self._special else self.kmalloc_type(gfp)
        index = INDEX[size + 7 >> 3]
        return self.alloc(self.kcaches[kind][index] or self.kmalloc_cache(kind, index), gfp, size)

    def kmalloc_large(self, size: int, gfp: int) -> Virt:
        """Allocate whole pages, a power of two of them, as one compound page."""
        ctx, order = self.ctx, order_of(size)
        if gfp & self.bug_mask:
            gfp = self.fix_flags(gfp)
        if order > 10:
            self.pa.too_large(gfp)
            return 0
        stack = ctx.stack()
        if gfp & self.sleeps and ctx.in_atomic():
            ctx.sleeping(gfp, "kmalloc()")
        if ctx.plan is not None and ctx.plan.fails("slab", size, gfp, stack):
            return 0
        pfn = self.pa.get_pages(gfp | self.gfp.COMP, order)
        if pfn is None:
            return 0
        virt = self.offset + (pfn << PAGE_SHIFT)
        self.live[virt] = (None, size, gfp, stack)
        return virt

    def kfree(self, objp: Virt) -> None:
        """Free what kmalloc() or kmem_cache_alloc() gave; NULL and ZERO_SIZE_PTR are nothing.

        Finding: double-free, invalid-free, mismatched-free. Raises: KernelBug or GuestFault where Linux would oops.
        """
        live = self.live
        record: Record | None = self._pop_book(live, objp, None)
        if record is None:
            if objp > self.zero_size:
                self.odd_free(objp, None)
            return
        self._noted((put_key, live, objp, record))
        if record[0] is None:
            self._free_large(objp, record)
            return
        self.free(record[0], objp, record)

    def _free_large(self, objp: Virt, record: Record) -> None:
        if self.ctx.keep_freed:
            self.ctx.books.freed[objp] = (record, self.ctx.stack())
        pfn, order = self.pa.pfn_of(objp), order_of(record[1])
        if not order:
            self._warn_single_page(objp)
        if self.pa.pages.refcount(pfn) == 1:
            self.pa.free_clean(pfn, order)
        elif not self.pa.put_pages(pfn, order):
            self.pa.live[pfn] = (order, record[2], record[3])

    def _warn_single_page(self, objp: Virt) -> None:
        if f"{_FILE}:904" not in self.ctx.once:
            self.ctx.warn_once("free_large_kmalloc", _FILE, 904)
            self.ctx.printk(4, f"object pointer: 0x{self.ctx.hashed(objp)}")

    def ksize(self, objp: Virt) -> int:
        """Bytes that the owner of an object may use; 0 for NULL and ZERO_SIZE_PTR."""
        if objp <= self.zero_size:
            return 0
        record = self.live.get(objp)
        if record is not None and record[0] is not None:
            cache: Cache = record[0]
            return cache.ksize(self.f)
        if record is not None:
            return PAGE_SIZE << order_of(record[1])
        slab = self.find_slab(objp)
        if slab is not None:
            place = "a free" if objp in slab else "the middle of an"
            what = f"ksize() or krealloc() of {place} object of {slab.cache.name}"
            self.ctx.finding("use-after-free" if objp in slab else "bad-argument", what, address=objp)
            return slab.cache.ksize(self.f)
        pfn = self.head_page(objp)
        size = PAGE_SIZE << self.pa.pages.compound_order(pfn)
        if size <= MAX_CACHE_SIZE:
            self.ctx.warn("__ksize", _FILE, 1014, "")
            return 0
        return size

    def size_roundup(self, size: int) -> int:
        """kmalloc_size_roundup(): what ksize() would say of kmalloc(size)."""
        if not size or size == 0xFFFFFFFFFFFFFFFF:
            return size
        if size > MAX_CACHE_SIZE:
            return PAGE_SIZE << order_of(size)
        return self.kmalloc_slab(size, self.gfp.KERNEL).object_size

    def krealloc_size(self, objp: Virt, new_size: int, gfp: int) -> tuple[bool, int]:
        """(can the object stay where it is, bytes to copy if it cannot). Linux: __do_krealloc(), 6.1"""
        have = self.ksize(objp)
        return have >= new_size and have > 0, have

    # Frees of what is not live. The struct page decides what Linux sees.
    def head_page(self, objp: Virt) -> Pfn:
        """virt_to_head_page(), by the struct page in guest memory. Raises: GuestFault where that does not exist."""
        kernel_map = self.ctx.arch.START_KERNEL_MAP
        phys = objp - (kernel_map if objp >= kernel_map else self.offset) & 0xFFFFFFFFFFFFFFFF
        pages = self.pa.pages
        head = self.ctx.mem.u64(pages.page(phys >> PAGE_SHIFT) + pages.head_at & 0xFFFFFFFFFFFFFFFF)
        return pages.pfn(head - 1) if head & 1 else phys >> PAGE_SHIFT

    def find_slab(self, objp: Virt) -> Slab | None:
        """The slab that has this address, wherever in it."""
        for order in range(4):
            slab = self.slab_at.get(objp & ~((PAGE_SIZE << order) - 1))
            if slab is not None and objp < slab.base + (PAGE_SIZE << slab.order):
                return slab
        return None

    def odd_free(self, objp: Virt, wanted: Cache | None) -> None:
        """kfree() or kmem_cache_free(wanted, objp) of an address at which nothing is live."""
        slab = self.find_slab(objp)
        if slab is None:
            self._free_no_object(objp, wanted)
        elif slab.cache.debug:
            self.free_checked(slab, objp)
        elif objp not in slab:
            inside = (objp - slab.start) % slab.cache.size
            owner = self.live.get(objp - inside)
            self.ctx.finding(
                "invalid-free", f"free of an address {inside} bytes into an object of {slab.cache.name}",
                address=objp, size=slab.cache.object_size, allocated=owner and owner[3],
            )  # fmt: skip
        else:
            self._double_free(slab, objp, "slab_double_free" if wanted is None else "kmem_cache_double_free")

    def _double_free(self, slab: Slab, objp: Virt, site: str) -> None:
        # Linux notices only if the object is the first of the free list. Otherwise the list gets a loop there; here it
        # stays whole.
        self.report_free_again(objp, slab.cache.name, slab.cache.object_size)
        self.notice_double_free(slab, objp, site)

    def notice_double_free(self, slab: Slab, objp: Virt, site: str) -> None:
        """Raises: KernelBug if a free object is the first of the list that it would come to, which Linux looks at."""
        cpu = self.ctx.cpu
        mine = slab.cache.cpu_slab[cpu][0] == slab.base
        free = slab.cache.cpu_free[cpu] if mine else slab.free
        if free and free[-1] == objp:
            raise KernelBug(site)

    def report_free_again(self, objp: Virt, name: str, size: int) -> None:
        """Finding: double-free, with who allocated and freed it, where that was kept."""
        record, where = self.ctx.books.freed.get(objp, (None, None))
        self.ctx.finding(
            "double-free", f"object of {name} is freed, but it is free already",
            address=objp, size=size, allocated=record and record[3], freed=where,
        )  # fmt: skip

    def _free_no_object(self, objp: Virt, wanted: Cache | None) -> None:
        pfn = self.pa.pfn_of(objp)
        page, freed = self.pa.live.get(pfn), self.ctx.books.freed.get(objp)
        if page is None and freed is not None and len(freed[0]) == 4:
            self.report_free_again(objp, "kmalloc()", freed[0][1])
        else:
            where = page and page[2]
            what = "pages of alloc_pages()" if page else "memory that is not of a slab"
            kind = "mismatched-free" if page else "invalid-free"
            self.ctx.finding(
                kind, f"{'kfree()' if wanted is None else 'kmem_cache_free()'} of {what}", address=objp, allocated=where
            )
        head = self.head_page(objp)
        if wanted is not None:
            if "virt_to_cache" not in self.ctx.once:
                self.ctx.once["virt_to_cache"] = 1
                self.ctx.warn("cache_from_obj", "mm/slab.h", 630, "virt_to_cache: Object is not a Slab page!")
            return
        order = self.pa.pages.compound_order(head)
        if not order:
            self._warn_single_page(objp)
        self.pa.live.pop(head, None)
        self.pa.put_pages(head, order)
