"""Nodes, their zones, and the order in which an allocation tries the zones. Where each page frame belongs.

A node is a range of RAM; its zones are cut at the limits of the architecture. RAM is not one piece: ranges come from
the machine, and so do the reserved ones (kernel image, page tables, per-CPU areas, the array of struct pages). Nothing
here takes longer for more memory.

Linux: mm/page_alloc.c, free_area_init(), build_zonelists(), 6.1
"""

from bisect import bisect_right
from itertools import pairwise

from runtime.mm.context import Context
from runtime.mm.page import FREE, RESERVED, PageMap
from runtime.mm.zone import NAMES, Zone, set_all_watermarks, set_lowmem_reserve
from runtime.units import PAGE_MASK, PAGE_SHIFT, Pfn, Phys

Ranges = list[tuple[int, int]]


def cut(ranges: Ranges, holes: Ranges) -> Ranges:
    """ranges without holes; sorted, of pfns or of phys."""
    for low, high in holes:
        parts = []
        for start, end in ranges:
            if high <= start or low >= end:
                parts.append((start, end))
                continue
            parts += [(a, b) for a, b in ((start, min(low, end)), (max(high, start), end)) if a < b]
        ranges = parts
    return sorted(ranges)


def clip(ranges: Ranges, low: int, high: int) -> Ranges:
    """The part of ranges between low and high."""
    return [(max(start, low), min(end, high)) for start, end in ranges if start < high and end > low]


def map_bytes(ctx: Context, ram: Ranges) -> int:
    """Bytes that the array of struct pages takes for RAM up to its highest address, in whole pages.

    The machine reserves them.
    """
    return (max(end for _, end in ram) >> PAGE_SHIFT) * int(ctx.abi.sizeof("page")) + PAGE_MASK & ~PAGE_MASK


class Nodes:
    """All nodes. ram, reserved: (start, end) in phys; map_phys: where the array of struct pages lies (part of
    reserved).

    The first page frame is never used, as on a PC.
    """

    page_map: type[PageMap] = PageMap

    def __init__(self, ctx: Context, ram: Ranges, reserved: Ranges, map_phys: Phys, nr_nodes: int = 1) -> None:
        present = [(max(1, start + PAGE_MASK >> PAGE_SHIFT), end >> PAGE_SHIFT) for start, end in ram]
        free = cut(present, [(start >> PAGE_SHIFT, end + PAGE_MASK >> PAGE_SHIFT) for start, end in reserved])
        self.free_ranges = free
        self.nr_nodes = nr_nodes
        self.end: Pfn = present[-1][1]
        self.zones: list[list[Zone]] = []
        bounds = _node_bounds(present, nr_nodes)
        for nid, (low, high) in enumerate(bounds):
            self.zones.append(_make_zones(ctx, nid, clip(present, low, high), clip(free, low, high)))
        self.all = [zone for zones in self.zones for zone in zones]
        self.populated = [zone for zone in self.all if zone.present]
        self._starts = [zone.start for zone in sorted(self.populated, key=lambda zone: zone.start)]
        self._by_start = sorted(self.populated, key=lambda zone: zone.start)
        set_all_watermarks(self.all)
        for zones in self.zones:
            set_lowmem_reserve(zones)
        self.pages = self.page_map(ctx, map_phys, self.state, lambda pfn: self.zone(pfn).page_bits)
        for zone in self.populated:
            zone.buddy.marks = self.pages
            zone.free_page = self.pages.fresh(zone.start)
            zone.used_page = self.pages.fresh(zone.start, 1)
        self.zonelists = [[self._zonelist(nid, top) for top in range(len(NAMES))] for nid in range(nr_nodes)]

    def zone(self, pfn: Pfn) -> Zone:
        """page_zone(): the zone whose range has pfn, or the next lower one for a hole."""
        return self._by_start[max(0, bisect_right(self._starts, pfn) - 1)]

    def exists(self, pfn: Pfn) -> bool:
        """Is there a struct page for this frame?"""
        return 0 <= pfn < self.end

    def spans(self) -> list[tuple[Pfn, Pfn]]:
        """(first, end) of the frames that have struct pages, holes included."""
        return [(zone.start, zone.start + zone.spanned) for zone in self.populated]

    def is_ram(self, pfn: Pfn) -> bool:
        """Was this frame given to the allocator at boot?"""
        at = bisect_right(self.free_ranges, (pfn, self.end + 1)) - 1
        return at >= 0 and pfn < self.free_ranges[at][1]

    def state(self, pfn: Pfn) -> int:
        """Order of the free block that starts at pfn, FREE for another page of the allocator, RESERVED."""
        if not self.is_ram(pfn):
            return RESERVED
        order = self.zone(pfn).buddy.order_at(pfn)
        return FREE if order < 0 else order

    def _zonelist(self, nid: int, top: int) -> list[Zone]:
        # Own node first, then the others in a circle; in each the highest zone first.
        nids = [(nid + step) % self.nr_nodes for step in range(self.nr_nodes)]
        return [zone for n in nids for zone in reversed(self.zones[n][: top + 1]) if zone.managed]

    def check(self) -> None:
        """Raises AssertionError where an invariant of a zone does not hold."""
        for zone in self.populated:
            zone.check()


def _node_bounds(present: Ranges, nr_nodes: int) -> Ranges:
    # Equal shares of the address space up to the last page, cut at 128 MiB (the size of a memory section), as numa=fake
    # does.
    end, section = present[-1][1], 1 << 27 - PAGE_SHIFT
    share = -(-end // nr_nodes // section) * section or section
    edges = [min(nid * share, end) for nid in range(nr_nodes)] + [end]
    return list(pairwise(edges))


def _make_zones(ctx: Context, nid: int, present: Ranges, free: Ranges) -> list[Zone]:
    zones, low = [], 0
    limits = [limit >> PAGE_SHIFT for _, limit in ctx.arch.ZONES]
    for index in range(len(NAMES)):
        high = limits[index] if index < len(limits) else low
        zones.append(Zone(ctx, nid, index, clip(present, low, high), clip(free, low, high)))
        low = high
    return zones
