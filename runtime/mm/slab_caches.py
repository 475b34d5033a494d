"""The caches themselves: making them, finding them by address, and those that the kernel has from boot on.

A cache is known to modules by the address of its struct kmem_cache, an object of the cache kmem_cache. The kernel's own
caches get one when somebody needs it; those of kmalloc() have theirs reserved at boot. What a module is known to need
is made when it is loaded.

Linux: mm/slub.c, kmem_cache_init(), kmem_cache_open(); mm/slab_common.c, create_boot_cache(), 6.1
"""

from collections.abc import Iterable
from operator import attrgetter

from runtime.mm.context import Context
from runtime.mm.fill import Fill
from runtime.mm.kmalloc import Kmalloc, short
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.slab_cache import Cache
from runtime.mm.slab_geometry import DebugOptions, calculate_alignment
from runtime.mm.slab_pages import in_places
from runtime.units import Virt

# sizeof(struct kmem_cache) for one node: its last member is an array of pointers, one for each.
_KMEM_CACHE_BYTES = 224
_ODD_SIZES = {1: 96, 2: 192}
# Members of struct kmem_cache that are data and not lists: (name, format, attribute of Cache).
_WORDS = "flags size object_size offset inuse cpu_partial_slabs align red_left_pad useroffset usersize oo min"
_MEMBERS = [
    *((name, "I", name) for name in _WORDS.split()),
    ("refcount", "i", "refcount"),
    ("min_partial", "Q", "min_partial"),
    ("ctor", "Q", "ctor"),
    ("name", "Q", "name_virt"),
    ("random", "Q", "cookie"),
]
_MIX, _MASK64 = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF


class SlabCaches(Kmalloc):
    """All caches of a machine. made: by address, the oldest first, without those of kmalloc()."""

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        super().__init__(ctx, pages)
        line = ctx.cmdline
        self.debug_options = DebugOptions(self.f, line.get("slub_debug"))
        self.nomerge = any(name in line for name in ("slub_nomerge", "slab_nomerge"))
        self.seed = ctx.random.getrandbits(64)
        self.serial: list[int] = ctx.undo.list([0, 0])  # [caches made, handles given out]
        members = sorted((ctx.abi.offset("kmem_cache", name), form, place) for name, form, place in _MEMBERS)
        self._struct = in_places((offset, form) for offset, form, _ in members)
        self._values = attrgetter(*(place for _, _, place in members))
        self.refcount_at: int = ctx.abi.offset("kmem_cache", "refcount")
        self.made: dict[Virt, Cache] = ctx.undo.dict()
        self.made_for_kmalloc: dict[Virt, Cache] = ctx.undo.dict()
        self._rows = {
            self.NORMAL: ("kmalloc-", 0),
            self.CGROUP: ("kmalloc-cg-", self.f.ACCOUNT),
            self.RECLAIM: ("kmalloc-rcl-", self.f.RECLAIM_ACCOUNT),
            self.DMA: ("dma-kmalloc-", self.f.CACHE_DMA),
        }
        # Caches of a machine that is taken back: when one is made again, it is as it was when it was first made.
        self._again: dict[tuple[object, ...], Cache] = {}
        self.boot: dict[str, Cache] = ctx.undo.dict()  # of the kernel's own, those that somebody shares
        self.kmem_cache = self.boot_cache("kmem_cache", _KMEM_CACHE_BYTES, self.f.HWCACHE_ALIGN, refcount=-1)
        self._quiet = self.gfp.NOWAIT | self.gfp.NOWARN
        self._reserve_addresses()
        ctx.slab_pages = self.slab_pages

    def make(self, name: str, size: int, align: int, flags: int, ctor: int, **start: int) -> Cache:
        """A cache as data. align: from calculate_alignment(). start: what other attributes hold at first."""
        flags = self.debug_options.apply(flags, name)
        key = name, size, align, flags, ctor, self.serial[0], self.ctx.fill is None
        cache = self._again.get(key)
        if cache is None:
            cookie = (self.seed ^ _hash(name) ^ self.serial[0]) * _MIX & _MASK64
            cache = Cache(self.ctx, self.f, name, size, align, flags, ctor, cookie)
            self.prepare_init(cache)
            if self.ctx.undo.journal:
                self._again[key] = cache
        for name, value in start.items():  # of one that is made again there is mostly nothing to change, and to undo
            if getattr(cache, name) != value:
                setattr(cache, name, value)
        return self.ctx.undo.adopt(cache) if cache.__class__ is Cache else cache

    def fill_from_now(self, fill: Fill | None) -> None:
        """What is undefined in memory that is handed out from now on. None: what it holds on Debian."""
        self.ctx.fill = fill
        self.pa.fill_from_now()
        for cache in {*self.used_caches(), *self.made.values(), *self.boot.values()}:
            self.prepare_init(cache)

    def boot_cache(self, name: str, size: int, flags: int, **start: int) -> Cache:
        """A cache as create_boot_cache() makes it: a power of two is aligned to itself."""
        natural = size if size & size - 1 == 0 else 8
        align = calculate_alignment(self.f, flags, natural, size)
        return self.make(name, size, align, flags, 0, **start)

    def _reserve_addresses(self) -> None:
        # struct kmem_cache of all kmalloc caches: modules read their addresses from kmalloc_caches[][], used or not.
        # The slabs are full.
        own = self.kmem_cache
        self._places: list[Virt] = []
        while len(self._places) < 1 + len(self.kcaches) * (self.top_index + 1):
            slab = self.new_slab(own, self.gfp.KERNEL)
            assert slab is not None, "no memory for the kernel's own caches"
            own.address = own.address or slab.start
            self._places += range(slab.start, slab.start + slab.objects * own.size, own.size)
            slab.free.clear()
            self.write_state(slab, False)
            self.ram.put64(self.pa.pages.at(slab.pfn) + self.cache_at_offset, own.address)
        self.made[own.address] = own
        self._columns = range(1, self.top_index + 1)
        self._by_place: dict[Virt, tuple[int, int]] = {}

    def kmalloc_address(self, kind: int, index: int) -> Virt:
        """kmalloc_caches[kind][index]; 0 where there is no such cache (index 0)."""
        return self._places[1 + kind * (self.top_index + 1) + index] if index else 0

    def expect(self, offsets: Iterable[int], creates: bool) -> None:
        """A module is loaded that reads kmalloc_caches[][] at these offsets (in bytes), and may create caches.

        Make what it needs for that, and what Linux has from boot on.
        """
        for offset in offsets:
            kind, index = divmod(offset >> 3, self.top_index + 1)
            if 0 <= kind < len(self.kcaches) and index and self.kcaches[kind][index] is None:
                self.kmalloc_cache(kind, index)
        own, cpu = self.kmem_cache, self.ctx.cpu
        if creates and not own.debug and not own.cpu_free[cpu] and not self.refill(own, cpu):
            self.fill_up(own, cpu, self._quiet)

    def kmalloc_cache(self, kind: int, index: int) -> Cache:
        """Make the cache of one row and column of kmalloc_caches."""
        size = _ODD_SIZES.get(index, 1 << index)
        prefix, extra = self._rows[kind]
        address, refcount = self.kmalloc_address(kind, index), -1 if kind == self.NORMAL else 1
        cache = self.boot_cache(
            prefix + short(size), size, extra | self.f.KMALLOC, address=address, usersize=size, refcount=refcount
        )
        self.kcaches[kind][index] = self.made_for_kmalloc[address] = cache
        self.write_struct(cache)
        if self._used_by_kernel(kind, size):
            # One object stands for the kernel's own. If there is no memory left, there is none.
            self._take_unbooked(cache, self._quiet, size)
        return cache

    def _used_by_kernel(self, kind: int, size: int) -> bool:
        # Where a kernel that has just booted has objects.
        if kind == self.CGROUP:
            return size <= 4096
        return kind == self.NORMAL or (kind == self.RECLAIM and size == 64)

    def cache_at(self, address: Virt) -> Cache | None:
        """The cache whose struct kmem_cache is at this address; None where there is none."""
        cache = self.made.get(address)
        if cache is not None:
            return cache
        if not self._by_place:
            rows = range(len(self.kcaches))
            self._by_place = {self.kmalloc_address(r, c): (r, c) for r in rows for c in self._columns}
        place = self._by_place.get(address)
        return None if place is None else self.kcaches[place[0]][place[1]] or self.kmalloc_cache(*place)

    def no_cache(self, address: Virt, what: str, member: str = "cpu_slab") -> int:
        """A pointer that is no cache: Linux reads a member, and faults on NULL and garbage. Return: 0."""
        self.ctx.mem.u32(address + self.ctx.abi.offset("kmem_cache", member) & _MASK64)
        self.ctx.finding("bad-argument", f"{what} of {address:#x}, which is not a slab cache", address=address)
        return 0

    def internal(self, cache: Cache) -> Virt:
        """An object for the kernel itself, cleared, in no book. Return: 0 on scarcity."""
        return self._take_unbooked(cache, self.gfp.KERNEL | self.gfp.ZERO, cache.object_size)

    def _take_unbooked(self, cache: Cache, gfp: int, size: int) -> Virt:
        if not cache.debug:
            objp = self._obtain(cache, gfp)
            if objp > 0:
                self.define(cache, objp, gfp)
            return objp
        books, self.live = self.live, {}
        try:
            return self.alloc_debug(cache, gfp, size)
        finally:
            self.live = books

    def give_back(self, objp: Virt) -> None:
        """Free what internal() gave."""
        slab = self.find_slab(objp)
        assert slab is not None
        super().free(slab.cache, objp, (slab.cache, slab.cache.object_size, 0, ()))

    # Guest memory and counts.
    def write_struct(self, cache: Cache) -> None:
        """Keep struct kmem_cache true, as far as it is data and not lists."""
        self._write(cache.address - self.offset, self._struct.pack(*self._values(cache)))

    def used_caches(self) -> list[Cache]:
        """Caches that have been used in this machine, and have slabs of their own."""
        rows = [cache for row in self.kcaches for cache in row if cache is not None]
        return [*(cache for cache in self.made.values() if cache.lender is None), *rows]

    def unreclaimable(self) -> list[tuple[str, int, int]]:
        """(name, bytes in use, bytes in all) of each cache that has slabs which nobody could shrink; newest first.

        Linux: mm/slab_common.c, dump_unreclaimable_slab(), 6.1
        """
        rows = [sorted(filter(None, row), key=lambda cache: -cache.object_size) for row in reversed(self.kcaches)]
        made = [cache for cache in reversed(self.made.values()) if cache.lender is None]
        newest_first = [*made, *(cache for row in rows for cache in row)]
        caches = [cache for cache in newest_first if not cache.flags & self.f.RECLAIM_ACCOUNT and cache.slabs]
        return [(cache.name, cache.active * cache.size, cache.count * cache.size) for cache in caches]

    def slab_pages(self) -> tuple[int, int]:
        """Pages in slabs: (reclaimable, unreclaimable)."""
        counts = [0, 0]
        for cache in self.used_caches():
            counts[not cache.flags & self.f.RECLAIM_ACCOUNT] += cache.pages
        return counts[0], counts[1]


def _hash(name: str) -> int:
    # A number for a name, the same in every run.
    return int.from_bytes(name.encode()[:16].ljust(16, b"\0"), "little") % 0xFFFFFFFFFFFFFFC5
