"""A slab cache and its slabs, as data. Their rules are in slab_core.py.

Linux: include/linux/slub_def.h, struct kmem_cache; mm/slab.h, struct slab, 6.1
"""

from array import array
from typing import Any

from runtime.mm.context import Context
from runtime.mm.slab_geometry import (
    Geometry,
    SlabFlags,
    calculate_sizes,
    cpu_partial_slabs,
    min_partial,
)
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Virt

NO_SLAB = (-1, 0)  # (base, mask) of a CPU without a slab: no address & 0 is -1
_MASK64 = 0xFFFFFFFFFFFFFFFF
_OF_SLABS = (
    "size", "offset", "red_left_pad", "poison", "order", "objects", "min_order", "min_objects", "oo", "min",
    "min_partial", "cpu_partial_slabs", "cpu_free", "cpu_slab", "cpu_partial", "partial", "slabs", "wild", "state",
    "masks", "arrangements",
)  # fmt: skip


class Slab:
    """Pages full of objects. free: those that were freed while no CPU owned the slab, the last freed last.

    Invariant: struct page's inuse is objects - len(free); a CPU's own free objects count as used, as in Linux.
    """

    __slots__ = ("base", "cache", "free", "objects", "order", "pfn")

    def __init__(self, cache: "Cache", pfn: Pfn, base: Virt, order: int, objects: int, free: list[Virt]) -> None:
        self.cache, self.pfn, self.base, self.order, self.objects, self.free = cache, pfn, base, order, objects, free

    @property
    def start(self) -> Virt:
        """The first object."""
        return self.base + self.cache.red_left_pad

    def __contains__(self, objp: Virt) -> bool:
        """Does an object start here?"""
        offset = objp - self.start
        return 0 <= offset < self.objects * self.cache.size and offset % self.cache.size == 0


class Cache:
    """struct kmem_cache, at address. Merged caches are one Cache with a refcount above 1.

    cpu_free[cpu]: free objects of the CPU's slab, the next one last. cpu_slab[cpu]: (base, address mask) of that slab.
    cpu_partial[cpu], partial: slabs with free objects, of a CPU (the next one last) and of the node (the next one
    first). masks: object -> what its free pointer is XORed with (CONFIG_SLAB_FREELIST_HARDENED); follows from address
    and cookie.
    """

    def __init__(
        self, ctx: Context, f: SlabFlags, name: str, object_size: int, align: int, flags: int, ctor: int, cookie: int
    ) -> None:
        self.name, self.object_size, self.align, self.flags, self.ctor = name, object_size, align, flags, ctor
        self.address: Virt = 0
        self.name_virt: Virt = 0
        self.refcount = 1
        self.useroffset = self.usersize = 0
        self.cookie = cookie & _MASK64
        self.lay_out(f, calculate_sizes(f, object_size, flags, align, bool(ctor), ctx.nr_cpus))
        undo = ctx.undo
        self.cpu_free: list[list[Virt]] = [undo.list() for _ in range(ctx.nr_cpus)]
        self.cpu_slab: list[tuple[Virt, int]] = undo.list([NO_SLAB] * ctx.nr_cpus)
        self.cpu_partial: list[list[Slab]] = [undo.list() for _ in range(ctx.nr_cpus)]
        self.partial: list[Slab] = undo.list()
        self.slabs: dict[Virt, Slab] = undo.dict()
        self.wild: dict[int, Virt] = undo.dict()  # cpu -> free pointer that the guest has overwritten
        self.state: list[int] = undo.list([0])  # [slabs made so far]
        self.masks: dict[Virt, int] = {}
        self.arrangements: dict[tuple[int, int, int], tuple[list[Virt], bytes]] = {}  # kept by SlabPages._arrange()
        self.zero_always = self.wipe = False  # these four: set by SlabPages.prepare_init()
        self.zero_mask = self.page_gfp = 0
        self.no_init = bool(ctor or flags & (f.TYPESAFE_BY_RCU | f.POISON))
        # With fences: do objects keep their addresses while they are free, because of a constructor or of readers? Have
        # they fences at all? How do objects of a size lie in their pages?
        self.keeps_address = bool(ctor or flags & f.TYPESAFE_BY_RCU)
        self.fenced = not flags & (f.DEBUG | f.CACHE_DMA | f.CACHE_DMA32)
        self.shapes: dict[int, Any] = {}
        self.lender: Cache | None = None  # with fences: the cache whose slabs these are

    def borrow(self, lender: "Cache") -> None:
        """Have no slabs of its own, but take objects of those of another cache, in which they fit.

        Not journalled: to be called when a cache is made, and always with the same lender.
        """
        self.__dict__.update({name: getattr(lender, name) for name in _OF_SLABS}, lender=lender)

    def lay_out(self, f: SlabFlags, geometry: Geometry) -> None:
        """Take over a geometry."""
        self.size, self.inuse, self.offset = geometry.size, geometry.inuse, geometry.offset
        self.red_left_pad, self.poison = geometry.red_left_pad, geometry.poison
        self.order, self.objects = geometry.order, geometry.objects
        self.min_order, self.min_objects = geometry.min_order, geometry.min_objects
        self.oo, self.min = self.order << 16 | self.objects, self.min_order << 16 | self.min_objects
        self.min_partial = min_partial(self.size)
        self.debug = self.flags & f.DEBUG != 0
        self.cpu_partial_slabs = 0 if self.debug or not self.objects else cpu_partial_slabs(self.size, self.objects)
        self.zeros = bytes(self.object_size)

    def grow(self, object_size: int) -> None:
        """A cache with larger objects was merged into this one: all of an object is to be cleared."""
        if object_size > self.object_size:
            self.object_size = object_size
            self.inuse = max(self.inuse, object_size + 7 & ~7)
            self.zeros = bytes(object_size)

    def ksize(self, f: SlabFlags) -> int:
        """Bytes of an object that its owner may use. Linux: slab_ksize(), 6.1"""
        if self.flags & (f.RED_ZONE | f.POISON):
            return self.object_size
        return self.inuse if self.flags & (f.TYPESAFE_BY_RCU | f.STORE_USER) else self.size

    def masks_of(self, start: Virt, objects: int) -> dict[Virt, int]:
        """The masks of a new slab's objects, in the order of their addresses."""
        first = start + self.offset
        swapped = array("Q", range(first, first + objects * self.size, self.size))
        swapped.byteswap()
        cookie = self.cookie
        return dict(
            zip(range(start, start + objects * self.size, self.size), [word ^ cookie for word in swapped], strict=True)
        )

    def shuffled(self, start: Virt, objects: int, nth: int) -> list[Virt]:
        """The objects of a slab in the order in which they become the free list, the next one last.

        Linux walks a random permutation from a random start (CONFIG_SLAB_FREELIST_RANDOM); here it is a step and a
        start that follow from the cache's cookie and the number of the slab.
        """
        step = 1
        if objects > 2:
            step = self.cookie % objects | 1
            while _common(step, objects):
                step += 2
        at = (self.cookie >> 32) + nth * 0x9E3779B1
        return [start + (at + i * step) % objects * self.size for i in range(objects)]

    @property
    def count(self) -> int:
        """Objects in all slabs."""
        return sum(slab.objects for slab in self.slabs.values())

    @property
    def active(self) -> int:
        """Objects in use. What lies on a CPU's free list counts as used."""
        return self.count - sum(len(slab.free) for slab in self.partial)

    @property
    def pages(self) -> int:
        """Pages in all slabs."""
        return sum(1 << slab.order for slab in self.slabs.values())

    def mask(self, order: int) -> int:
        """Object address & mask is the base of a slab of this order."""
        return ~((PAGE_SIZE << order) - 1)

    def __repr__(self) -> str:
        return f"<cache {self.name}>"


def _common(a: int, b: int) -> bool:
    while b:
        a, b = b, a % b
    return a != 1


def pfn_of(base: Virt, page_offset: Virt) -> Pfn:
    """The frame behind an address of the direct map."""
    return base - page_offset >> PAGE_SHIFT
