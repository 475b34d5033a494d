"""A zone: the part of a node's memory that one kind of allocation may use, with its watermarks.

Counts are pages. spanned: from the first page to the last; present: without holes; managed: without what was reserved
at boot.
Linux: include/linux/mmzone.h, struct zone; mm/page_alloc.c, zone_batchsize(), zone_highsize(), 6.1
"""

from math import isqrt

from runtime.mm.buddy import PAGEBLOCK_PAGES, Buddy
from runtime.mm.context import Context
from runtime.mm.pcp import Pcp
from runtime.units import PAGE_SIZE, KiB, MiB, Pfn

NAMES = ("DMA", "DMA32", "Normal", "Movable", "Device")
DMA, DMA32, NORMAL, MOVABLE, DEVICE = range(5)
WMARK_MIN, WMARK_LOW, WMARK_HIGH = range(3)
_LOWMEM_RESERVE_RATIO = (256, 256, 32, 0)
_PCP_TYPES = 3


class Zone:
    """One zone of one node. present, free: (start, end) ranges of pfns, from low to high."""

    def __init__(
        self, ctx: Context, nid: int, index: int, present: list[tuple[Pfn, Pfn]], free: list[tuple[Pfn, Pfn]]
    ) -> None:
        self.nid, self.index, self.name = nid, index, NAMES[index]
        self.start = present[0][0] if present else 0
        self.spanned = present[-1][1] - self.start if present else 0
        self.present = sum(end - start for start, end in present)
        self.managed = sum(end - start for start, end in free)
        self.buddy = Buddy(ctx.undo)
        for start, end in reversed(free):
            self.buddy.add_range(start, end)
        self.free = self.buddy.free  # [free pages, pages reserved as HIGHATOMIC]
        self.watermark = [0, 0, 0]
        self.lowmem_reserve = [0] * len(NAMES)
        self.pcp = [Pcp(ctx.undo, self.buddy) for _ in range(ctx.nr_cpus)]
        const = ctx.abi.const
        self.page_bits: int = index << const["ZONES_PGSHIFT"] | nid << const["NODES_PGSHIFT"]
        # struct page of an allocated page of this zone, and of a free one: set when the page map exists
        self.used_page = b""
        self.free_page = b""

    def __repr__(self) -> str:
        return f"<zone {self.name} of node {self.nid}>"

    def set_watermarks(self, minimum: int) -> None:
        """Set min, low and high from min; then the per-CPU lists' limits, which follow from low."""
        distance = max(minimum >> 2, self.managed * 10 // 10000)
        self.watermark = [minimum, minimum + distance, minimum + 2 * distance]
        batch = max(1, batch_size(self.managed))
        for pcp in self.pcp:
            pcp.batch = batch
            pcp.high = max(self.watermark[WMARK_LOW] // len(self.pcp), batch << 2)

    def check(self) -> None:
        """Raises AssertionError where an invariant of the zone does not hold."""
        self.buddy.check()
        for pcp in self.pcp:
            pcp.check()


def batch_size(managed: int) -> int:
    """How many pages go to and from the per-CPU lists at once: 0.1 % of the zone, at most 256 KiB. Linux:

    zone_batchsize(), 6.1
    """
    batch = max(1, min(managed >> 10, MiB // PAGE_SIZE) // 4)
    return (1 << (batch + batch // 2).bit_length() - 1) - 1


def set_all_watermarks(zones: list[Zone]) -> None:
    """Watermarks of all zones of all nodes, as they are after boot: 4 * sqrt(memory in KiB) is kept free. From 512 MiB
    on there are huge pages, and khugepaged then wants two free pageblocks of each migrate type in each zone.

    Linux: __setup_per_zone_wmarks(), calculate_min_free_kbytes(); mm/khugepaged.c, set_recommended_min_free_kbytes(),
    hugepage_init(), 6.1
    """
    lowmem = sum(zone.managed for zone in zones)
    pages = max(128, min(isqrt(lowmem * (PAGE_SIZE // KiB) * 16), 262144)) * KiB // PAGE_SIZE
    _share_out(zones, pages, lowmem)
    if lowmem >= 512 * MiB // PAGE_SIZE:
        populated = sum(1 for zone in zones if zone.present)
        above_high = sum(max(0, zone.managed - zone.watermark[WMARK_HIGH]) for zone in zones)
        wanted = PAGEBLOCK_PAGES * populated * (2 + _PCP_TYPES * _PCP_TYPES)
        _share_out(zones, max(pages, min(wanted, above_high // 20)), lowmem)


def _share_out(zones: list[Zone], pages: int, lowmem: int) -> None:
    for zone in zones:
        zone.set_watermarks(pages * zone.managed // lowmem)


def set_lowmem_reserve(zones: list[Zone]) -> None:
    """How many pages of each zone are kept from allocations that could also use higher zones of the node.

    Linux: setup_per_zone_lowmem_reserve(), 6.1
    """
    for low, zone in enumerate(zones[:-1]):
        above = 0
        for high in range(low + 1, len(zones)):
            above += zones[high].managed
            usable = zone.managed and _LOWMEM_RESERVE_RATIO[low]
            zone.lowmem_reserve[high] = above // _LOWMEM_RESERVE_RATIO[low] if usable else 0
