"""When the first attempt finds all zones below their low watermark: reserves, reclaim, the OOM killer, the failure
report.

There is nothing to reclaim in this machine but pages on per-CPU lists and reserved pageblocks: no page cache, no user
memory, and kernel pages do not move. So direct reclaim takes those back and tries once more. After that the OOM killer
takes the only user process there is, the one that runs the module. It dies when it leaves the kernel; until then its
allocations may use half of the reserve, and fail when that is used up, too.

Linux: mm/page_alloc.c, __alloc_pages_slowpath(), gfp_to_alloc_flags(), __zone_watermark_ok(), 6.1
"""

from typing import TYPE_CHECKING

from runtime.errors import KernelPanic
from runtime.mm.buddy import HIGHATOMIC, UNMOVABLE
from runtime.mm.page_report import warn_alloc
from runtime.mm.pcp import COSTLY_ORDER, PCP_TYPES
from runtime.mm.zone import WMARK_LOW, WMARK_MIN, Zone
from runtime.units import Pfn

if TYPE_CHECKING:
    from runtime.mm.page_alloc import PageAllocator

_FILE = "mm/page_alloc.c"
# How deep an allocation may go. The numbers are ours; Linux: mm/internal.h, ALLOC_*
MIN_RESERVE, NON_BLOCK, HIGH_ATOMIC, OOM, NO_WATERMARKS = 1, 2, 4, 8, 16


class SlowPath:
    """What alloc_pages() does when memory is short."""

    def __init__(self, alloc: "PageAllocator") -> None:
        self.pa, self.ctx, self.nodes, self.gfp = alloc, alloc.ctx, alloc.nodes, alloc.gfp

    def this_node(self, gfp: int, order: int, nid: int) -> Pfn | None:
        """__GFP_THISNODE: the zones of one node only."""
        hidden = self.pa.routes[nid]
        own = [[step for step in route if step[0].nid == nid] for route in hidden]
        self.pa.routes[nid] = own
        try:
            return self.pa.get_pages(gfp & ~self.gfp.THISNODE, order, nid)
        finally:
            self.pa.routes[nid] = hidden

    def alloc_flags(self, gfp: int, order: int) -> int:
        """gfp_to_alloc_flags(): which part of the reserve these flags may use."""
        flags = MIN_RESERVE if gfp & self.gfp.HIGH else 0
        if not gfp & self.gfp.DIRECT_RECLAIM and not gfp & self.gfp.NOMEMALLOC:
            flags |= NON_BLOCK
            if order and flags & MIN_RESERVE:
                flags |= HIGH_ATOMIC
        return flags

    def watermark_ok(self, zone: Zone, order: int, mark: int, top: int, flags: int) -> bool:
        """Would 2^order pages leave enough? top: the highest zone that the allocation could use. Linux:

        __zone_watermark_ok(), 6.1
        """
        free = zone.free[0] - ((1 << order) - 1)
        if not flags:
            free -= zone.free[1]
        if flags & MIN_RESERVE:
            mark -= mark // 2
            if flags & NON_BLOCK:
                mark -= mark // 4
        if flags & OOM:
            mark -= mark // 2
        if free <= mark + zone.lowmem_reserve[top]:
            return False
        types = range(PCP_TYPES + 1) if flags & (HIGH_ATOMIC | OOM) else range(PCP_TYPES)
        return not order or zone.buddy.has(order, tuple(types))

    def from_freelist(self, gfp: int, order: int, nid: int, flags: int, wmark: int = WMARK_MIN) -> Pfn | None:
        """One walk over the zones. Linux: get_page_from_freelist(), 6.1"""
        top, mt = self.gfp.zone_index(gfp), self.gfp.migratetype(gfp)
        for zone, _, _ in self.pa.routes[nid][top]:
            if not flags & NO_WATERMARKS and not self.watermark_ok(zone, order, zone.watermark[wmark], top, flags):
                continue
            pfn = zone.buddy.smallest(order, HIGHATOMIC) if flags & HIGH_ATOMIC else None
            if pfn is None:
                pfn = self.pa.take(zone, order, mt)
            if pfn is None and flags & (OOM | NON_BLOCK):
                pfn = zone.buddy.smallest(order, HIGHATOMIC)
            if pfn is not None:
                if flags & HIGH_ATOMIC:
                    zone.buddy.reserve_highatomic(pfn, zone.managed)
                return pfn
        return None

    def alloc(self, gfp: int, order: int, nid: int) -> Pfn | None:
        """Allocate, or report the failure and return None. Raises:

        KernelPanic where Linux would never return (__GFP_NOFAIL).
        """
        sleeps = gfp & self.gfp.DIRECT_RECLAIM
        if gfp & self.gfp.ATOMIC and sleeps:
            self.ctx.warn_once("__alloc_pages_slowpath", _FILE, 5118)
            gfp &= ~self.gfp.ATOMIC
        # Once more with a mark of low, as foreign pageblocks may be broken up now; then with min and the reserves.
        pfn = self.from_freelist(gfp, order, nid, 0, WMARK_LOW)
        flags = OOM if self._dying(gfp) else self.alloc_flags(gfp, order)
        if pfn is None:
            pfn = self.from_freelist(gfp, order, nid, flags)
        if pfn is None and gfp & self.gfp.MEMALLOC and not gfp & self.gfp.NOMEMALLOC:
            pfn = self.from_freelist(gfp, order, nid, NO_WATERMARKS)
        if pfn is None and sleeps:
            pfn = self._reclaim(gfp, order, nid, flags)
        if pfn is None and gfp & self.gfp.NOFAIL:
            pfn = self._must_not_fail(gfp, order, nid)
        if pfn is None:
            warn_alloc(self.ctx, self.pa, gfp, f"page allocation failure: order:{order}")
        return pfn

    def _reclaim(self, gfp: int, order: int, nid: int, flags: int) -> Pfn | None:
        self.pa.drain_all()
        for zone, _, _ in self.pa.routes[nid][self.gfp.zone_index(gfp)]:
            zone.buddy.unreserve_highatomic(UNMOVABLE, False)
        pfn = self.from_freelist(gfp, order, nid, flags)
        if pfn is not None or gfp & self.gfp.NORETRY or order > COSTLY_ORDER:
            return pfn
        for zone, _, _ in self.pa.routes[nid][self.gfp.zone_index(gfp)]:
            zone.buddy.unreserve_highatomic(UNMOVABLE, True)
        pfn = self.from_freelist(gfp, order, nid, flags)
        # The OOM killer is not for those that said they can do without, nor for memory below the normal zones.
        if pfn is not None or gfp & (self.gfp.RETRY_MAYFAIL | self.gfp.THISNODE) or not gfp & self.gfp.FS:
            return pfn
        if self.gfp.zone_index(gfp) < self.gfp.zone_index(self.gfp.KERNEL):
            return None
        if self.ctx.fatal_signal_pending() or not self.ctx.oom_kill(gfp, order):
            return None
        return None if gfp & self.gfp.NOMEMALLOC else self.from_freelist(gfp, order, nid, OOM)

    def _dying(self, gfp: int) -> bool:
        """Has the OOM killer chosen the current task? Linux: __gfp_pfmemalloc_flags(), 6.1"""
        special = gfp & (self.gfp.MEMALLOC | self.gfp.NOMEMALLOC)
        return not special and self.ctx.fatal_signal_pending() and not self.ctx.in_interrupt()

    def _must_not_fail(self, gfp: int, order: int, nid: int) -> Pfn | None:
        quiet = gfp & self.gfp.NOWARN
        if not gfp & self.gfp.DIRECT_RECLAIM:
            if not quiet:
                self.ctx.warn_once("__alloc_pages_slowpath", _FILE, 5367)
            return None
        if order > COSTLY_ORDER and not quiet:
            self.ctx.warn_once("__alloc_pages_slowpath", _FILE, 5383)
        pfn = self.from_freelist(gfp, order, nid, MIN_RESERVE)
        if pfn is None:
            # Linux tries for ever, killing what it can. Here nobody is left who could free anything.
            raise KernelPanic("System is deadlocked on memory")
        return pfn
