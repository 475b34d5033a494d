"""How SLUB lays out the objects of a cache: sizes and offsets in bytes, orders of pages. Pure arithmetic.

    object, padded to a word          object_size .. inuse   (red zone here with SLAB_RED_ZONE)
    free pointer                      offset: in the middle of the object, or behind it where the object must stay as it
    is who allocated and freed it        two struct track (SLAB_STORE_USER); for kmalloc, the size asked for padding,
    left red zone of the next one, up to the alignment       size

Linux: mm/slub.c, calculate_sizes(), calculate_order(); mm/slab_common.c, calculate_alignment(), 6.1
"""

from functools import cache
from typing import Any, NamedTuple

from runtime.units import PAGE_SHIFT, PAGE_SIZE, align

MAX_OBJS_PER_PAGE = 32767
MAX_ORDER = 11


class SlabFlags:
    """SLAB_* of one ABI, as plain ints."""

    def __init__(self, abi: Any) -> None:
        const = abi.const
        self.CONSISTENCY_CHECKS: int = const["SLAB_CONSISTENCY_CHECKS"]
        self.RED_ZONE: int = const["SLAB_RED_ZONE"]
        self.POISON: int = const["SLAB_POISON"]
        self.STORE_USER: int = const["SLAB_STORE_USER"]
        self.TRACE: int = const["SLAB_TRACE"]
        self.KMALLOC: int = const["SLAB_KMALLOC"]
        self.HWCACHE_ALIGN: int = const["SLAB_HWCACHE_ALIGN"]
        self.CACHE_DMA: int = const["SLAB_CACHE_DMA"]
        self.CACHE_DMA32: int = const["SLAB_CACHE_DMA32"]
        self.PANIC: int = const["SLAB_PANIC"]
        self.TYPESAFE_BY_RCU: int = const["SLAB_TYPESAFE_BY_RCU"]
        self.MEM_SPREAD: int = const["SLAB_MEM_SPREAD"]
        self.DEBUG_OBJECTS: int = const["SLAB_DEBUG_OBJECTS"]
        self.NOLEAKTRACE: int = const["SLAB_NOLEAKTRACE"]
        self.RECLAIM_ACCOUNT: int = const["SLAB_RECLAIM_ACCOUNT"]
        self.ACCOUNT: int = const["SLAB_ACCOUNT"]
        self.NO_USER_FLAGS: int = const["SLAB_NO_USER_FLAGS"]
        self.DEBUG = self.CONSISTENCY_CHECKS | self.RED_ZONE | self.POISON | self.STORE_USER | self.TRACE
        self.DEBUG_DEFAULT = self.DEBUG & ~self.TRACE
        core = self.HWCACHE_ALIGN | self.CACHE_DMA | self.CACHE_DMA32 | self.PANIC | self.TYPESAFE_BY_RCU
        self.CREATE_MASK = core | self.DEBUG_OBJECTS | self.DEBUG | self.NOLEAKTRACE | self.RECLAIM_ACCOUNT
        self.CREATE_MASK |= self.ACCOUNT | self.NO_USER_FLAGS
        self.PERMITTED = self.CREATE_MASK | self.MEM_SPREAD
        self.NEVER_MERGE = self.RED_ZONE | self.POISON | self.STORE_USER | self.TRACE | self.TYPESAFE_BY_RCU
        self.NEVER_MERGE |= self.NOLEAKTRACE
        self.MERGE_SAME = self.RECLAIM_ACCOUNT | self.CACHE_DMA | self.CACHE_DMA32 | self.ACCOUNT
        self.track_size: int = abi.sizeof("track")
        self.line: int = const["L1_CACHE_BYTES"]
        self.minalign: int = const["ARCH_KMALLOC_MINALIGN"]


class Geometry(NamedTuple):
    """size: distance of two objects. poison: may the object itself be overwritten while it is free?"""

    size: int
    inuse: int
    offset: int
    red_left_pad: int
    order: int
    objects: int
    min_order: int
    min_objects: int
    poison: bool


@cache
def calculate_alignment(f: SlabFlags, flags: int, wanted: int, size: int) -> int:
    """Alignment of the objects of a cache that is created with these flags and this alignment."""
    if flags & f.HWCACHE_ALIGN:
        line = f.line
        while size <= line // 2:
            line //= 2
        wanted = max(wanted, line)
    return align(max(wanted, 8), 8)


@cache
def calculate_sizes(f: SlabFlags, object_size: int, flags: int, alignment: int, ctor: bool, nr_cpus: int) -> Geometry:
    """Lay out a cache. alignment: from calculate_alignment(). A geometry with 0 objects: too large for any slab."""
    size = align(object_size, 8)
    poison = bool(flags & f.POISON and not flags & f.TYPESAFE_BY_RCU and not ctor)
    if flags & f.RED_ZONE and size == object_size:
        size += 8
    inuse = size
    if flags & (f.TYPESAFE_BY_RCU | f.POISON) or (flags & f.RED_ZONE and object_size < 8) or ctor:
        offset = size
        size += 8
    else:
        offset = object_size // 2 & ~7
    if flags & f.STORE_USER:
        size += 2 * f.track_size + (4 if flags & f.KMALLOC else 0)
    red_left_pad = align(8, alignment) if flags & f.RED_ZONE else 0
    size += red_left_pad + (8 if red_left_pad else 0)
    size = align(size, alignment)
    order = calculate_order(size, nr_cpus)
    smallest = max(0, (size - 1 >> PAGE_SHIFT).bit_length())
    objects = (PAGE_SIZE << order) // size if order < MAX_ORDER else 0
    return Geometry(
        size, inuse, offset, red_left_pad, order, objects, smallest, (PAGE_SIZE << smallest) // size, poison
    )


def calculate_order(size: int, nr_cpus: int, max_order: int = 3) -> int:
    """Order of a slab for objects of size bytes: enough objects for the number of CPUs, little waste."""
    least = min(4 * (nr_cpus.bit_length() + 1), (PAGE_SIZE << max_order) // size)
    while least > 1:
        for fraction in (16, 8, 4):
            order = _slab_order(size, least, max_order, fraction)
            if order <= max_order:
                return order
        least -= 1
    order = _slab_order(size, 1, max_order, 1)
    return order if order <= max_order else _slab_order(size, 1, MAX_ORDER, 1)


def _slab_order(size: int, least: int, max_order: int, fraction: int) -> int:
    order = max(0, (least * size - 1 >> PAGE_SHIFT).bit_length())
    while order <= max_order and (PAGE_SIZE << order) % size > (PAGE_SIZE << order) // fraction:
        order += 1
    return order


def cpu_partial_slabs(size: int, objects: int) -> int:
    """How many partial slabs a CPU keeps. Linux: set_cpu_partial(), slub_set_cpu_partial(), 6.1"""
    wanted = 6 if size >= PAGE_SIZE else 24 if size >= 1024 else 52 if size >= 256 else 120
    return -(-wanted * 2 // objects)


def min_partial(size: int) -> int:
    """How many partial slabs a node keeps before empty ones go back to the page allocator."""
    return max(5, min(10, (size.bit_length() - 1) // 2))


class DebugOptions:
    """`slub_debug=FZPU`, `slub_debug=FZ,name*;U,other`, and the like. Linux:

    setup_slub_debug(), kmem_cache_flags(), 6.1
    """

    def __init__(self, f: SlabFlags, text: str | None) -> None:
        self.f = f
        letters = {"f": f.CONSISTENCY_CHECKS, "z": f.RED_ZONE, "p": f.POISON, "u": f.STORE_USER, "t": f.TRACE}
        self.blocks: list[tuple[int, list[str]]] = []
        self.everywhere = 0
        self.no_higher_order = False
        if text is None:
            return
        if text == "":
            self.everywhere = f.DEBUG_DEFAULT
        for block in filter(None, text.split(";")):
            options, _, names = block.partition(",")
            flags = 0 if options else f.DEBUG_DEFAULT
            for letter in options.lower():
                flags = 0 if letter == "-" else flags | letters.get(letter, 0)
                self.no_higher_order |= letter == "o"
            if "," in block:
                self.blocks.append((flags, names.split(",")))
            else:
                self.everywhere = flags

    def apply(self, flags: int, name: str) -> int:
        """Flags of a cache as the command line has them."""
        if (not self.blocks and not self.everywhere) or flags & self.f.NO_USER_FLAGS:
            return flags
        for block, patterns in self.blocks:
            if any(name == p or ("*" in p and name.startswith(p[: p.index("*")])) for p in patterns):
                return flags | block
        return flags | (self.everywhere & ~self.f.STORE_USER if flags & self.f.NOLEAKTRACE else self.everywhere)
