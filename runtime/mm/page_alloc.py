"""Page allocator: zones, watermarks, per-CPU lists and buddies together. Counts pages of 4 KiB; addresses pages by pfn.

alloc_pages() and free_pages() are what the guest calls and what the books record. get_pages() and put_pages() do the
same work for the other allocators (slab, vmalloc), which keep their own books.

Invariant: every page of RAM that was free at boot is in exactly one place: a buddy, a per-CPU list, or a live block.
Linux: mm/page_alloc.c, __alloc_pages(), __free_pages(), 6.1
"""

from collections.abc import Sequence
from typing import Any

from runtime.mm.buddy import MAX_ORDER, MOVABLE, PAGEBLOCK_ORDER
from runtime.mm.context import Context
from runtime.mm.gfp import Asked, Gfp
from runtime.mm.node import Nodes
from runtime.mm.page_free import PageFree, Record
from runtime.mm.page_slow import SlowPath
from runtime.mm.pcp import COSTLY_ORDER, PCP_TYPES
from runtime.mm.zone import DMA32, NORMAL, WMARK_LOW, Zone
from runtime.undo import cut, extend, pop, push, put_item, put_key
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Phys, Virt

_PCP_RANGE = tuple(range(PCP_TYPES))
_FILE = "mm/page_alloc.c"
# a slice assignment is faster than a call of memset
_ZEROS = [bytes(PAGE_SIZE << order) for order in range(COSTLY_ORDER + 1)]


class PageAllocator:
    """alloc_pages() and free_pages() of one machine."""

    def __init__(self, ctx: Context, nodes: Nodes) -> None:
        self.ctx, self.nodes, self.pages, self.gfp = ctx, nodes, nodes.pages, Gfp(ctx.abi)
        self.live = ctx.books.pages
        # pages that Linux would lose track of: bad page state, frees of the wrong order
        self.lost: dict[Pfn, int] = ctx.undo.dict()
        self.used: dict[int, bool] = ctx.undo.dict()  # groups of 64 pages of which one has left the buddy since boot
        self.init_on_alloc = ctx.cmdline.get("init_on_alloc", "1") not in ("0", "off", "n", "N")
        self.init_on_free = ctx.cmdline.get("init_on_free", "0") in ("1", "on", "y", "Y")
        self._zero, self._clears = self.gfp.ZERO, self.init_on_alloc
        self._sleeps, self._comp, self._nofail = self.gfp.DIRECT_RECLAIM, self.gfp.COMP, self.gfp.NOFAIL
        self._asks = Asked(self.gfp)
        self.lowmem = ~self.gfp.HIGHMEM  # the flags that pages with an address in the direct map may be asked for with
        self._write, self._write_each, self._put32 = ctx.ram.write, ctx.ram.write_each, ctx.ram.put32
        self._mem, self._u32, self._touched = ctx.ram.mem, ctx.ram.u32, ctx.ram.touched
        self._noted, self._journal, self._pop_book = ctx.undo.noted, ctx.undo.journal, ctx.books.pop
        self.page_offset = int(ctx.arch.PAGE_OFFSET)
        self._map, self._page_size, self._refcount = self.pages.phys, self.pages.size, self.pages.refcount_at
        assert PAGE_SIZE % self.pages.size == 0, "struct pages are written one by one, and none lies in two pages"
        self.routes = [[self._route(zones, top) for top, zones in enumerate(tops)] for tops in nodes.zonelists]
        self._by_page = {zone.used_page: zone for zone in nodes.populated}
        self.slow, self.odd = SlowPath(self), PageFree(self)

    def _route(self, zones: list[Zone], top: int) -> list[tuple[Zone, int, bool]]:
        # (zone, free pages that must remain, may it break up foreign pageblocks): the first attempt, down to the low
        # watermark.
        return [(z, z.watermark[WMARK_LOW] + z.lowmem_reserve[top], not self._avoids_fragments(z)) for z in zones]

    def _avoids_fragments(self, zone: Zone) -> bool:
        return zone.index == NORMAL and (self.nodes.nr_nodes > 1 or self.nodes.zones[zone.nid][DMA32].present > 0)

    def alloc_pages(self, gfp: int, order: int = 0, nid: int = 0) -> Pfn | None:
        """Allocate 2^order pages in one piece, aligned to their size. Return: None on scarcity or an injected failure.

        Finding: sleep-in-atomic where the flags may sleep in atomic context. An order above 10 is refused, with a WARN
        once a boot.
        """
        ctx = self.ctx
        if order >= MAX_ORDER:
            self.too_large(gfp)
            return None
        stack = ctx.stack()
        if gfp & self._sleeps and ctx.in_atomic():
            ctx.sleeping(gfp, "alloc_pages()")
        plan = ctx.plan
        if plan is not None and plan.fails("page", PAGE_SIZE << order, gfp, stack):
            return None
        pfn = self.get_pages(gfp, order, nid)
        if pfn is not None:
            self.live[pfn] = (order, gfp, stack)
        return pfn

    def too_large(self, gfp: int) -> None:
        if not gfp & self.gfp.NOWARN:
            self.ctx.warn_once("__alloc_pages", _FILE, 5634)

    def get_pages(self, gfp: int, order: int, nid: int = 0) -> Pfn | None:
        """Take 2^order pages and make them ready, without an entry in the books."""
        ctx, need, journal = self.ctx, 1 << order, self._journal
        mt, top, this_node = self._asks[gfp]
        if this_node:
            return self.slow.this_node(gfp, order, nid)
        for zone, mark, fragment in self.routes[nid][top]:
            free = zone.free
            if free[0] - free[1] - need < mark or (
                order and not zone.buddy.fresh and not zone.buddy.has(order, _PCP_RANGE)
            ):
                continue
            if order <= COSTLY_ORDER:
                pcp = zone.pcp[ctx.cpu]
                pages = pcp.lists[order * PCP_TYPES + mt]
                state = pcp.state
                if pages and not state[1]:
                    if journal:
                        held = state[0]
                        put_item(state, 0, held - need)
                        self._noted((put_item, state, 0, held))
                        pfn: Pfn | None = pop(pages)
                        self._noted((push, pages, pfn))
                    else:
                        state[0] -= need
                        pfn = pages.pop()
                else:
                    pfn = pcp.take(order, mt, fragment)
            else:
                pfn = self.take(zone, order, mt, fragment)
            if pfn is not None:
                break
        else:
            pfn = self.slow.alloc(gfp, order, nid)
            if pfn is None:
                return None
            zone = self.nodes.zone(pfn)
        assert pfn is not None
        if order > 1 and gfp & self._nofail:
            ctx.warn_once("get_page_from_freelist", _FILE, 3891)
        if pfn >> 6 not in self.used or order > 6:
            self._first_use(pfn, need)
        if order and gfp & self._comp:
            self.pages.make_compound(pfn, order)
        else:
            at = self._map + pfn * self._page_size
            self._mem[at : at + self._page_size] = zone.used_page
            if journal:
                self._touched(at >> PAGE_SHIFT)
        if self._clears or gfp & self._zero:
            if order:
                self._clear(pfn, order)
            else:
                self._mem[pfn << PAGE_SHIFT : pfn + 1 << PAGE_SHIFT] = _ZEROS[0]
                if journal:
                    self._touched(pfn)
        elif ctx.fill is not None:
            ctx.fill.handed_out(pfn << PAGE_SHIFT, PAGE_SIZE << order, self.init_on_alloc)
        return pfn

    def _clear(self, pfn: Pfn, order: int) -> None:
        if order <= COSTLY_ORDER:
            self._write(pfn << PAGE_SHIFT, _ZEROS[order])
        else:
            self.ctx.ram.zero(pfn << PAGE_SHIFT, PAGE_SIZE << order)

    def get_singles(self, gfp: int, count: int, nid: int = 0) -> list[Pfn]:
        """Up to count single pages, the same as by as many calls of get_pages()."""
        got = self._some_singles(gfp, count, nid)
        while len(got) < count and (pfn := self.get_pages(gfp, 0, nid)) is not None:
            got.append(pfn)
        return got

    def _some_singles(self, gfp: int, count: int, nid: int) -> list[Pfn]:
        # From the zone that get_pages() tries first, as long as nothing but its per-CPU list would be asked.
        mt, top, this_node = self._asks[gfp]
        if this_node or not self._clears:
            return []
        zone, mark, fragment = self.routes[nid][top][0]
        free, pcp = zone.free, zone.pcp[self.ctx.cpu]
        if free[0] - free[1] - count - pcp.batch < mark or pcp.state[1]:
            return []
        got = pcp.take_singles(count, mt, fragment)
        used, first, size = self.used, self._map, self._page_size
        for pfn in got:
            if pfn >> 6 not in used:
                self._first_use(pfn, 1)
        self._write_each([first + pfn * size for pfn in got], zone.used_page)
        self._write_each([pfn << PAGE_SHIFT for pfn in got], _ZEROS[0])
        return got

    def put_singles(self, pfns: Sequence[Pfn]) -> None:
        """put_pages(pfn, 0) of each, one at least: at once, where they are as get_singles() gave them."""
        size, first, mem, places = self._page_size, self._map, self._mem, []
        at, block = first + pfns[0] * size, pfns[0] >> PAGEBLOCK_ORDER
        used = mem[at : at + size]
        zone = self._by_page.get(used)
        if zone is not None:
            types, pcp = zone.buddy.types, zone.pcp[self.ctx.cpu]
            mt, state = types.get(block, MOVABLE), pcp.state
            for pfn in pfns:
                at = first + pfn * size
                if mem[at : at + size] != used:
                    break
                if pfn >> PAGEBLOCK_ORDER != block and types.get(pfn >> PAGEBLOCK_ORDER, MOVABLE) != mt:
                    break
                places.append(at)
            alike = len(places) == len(set(pfns)) == len(pfns)  # a vmap() may have the same page twice
            if alike and state[0] + len(pfns) < pcp.high and not self.init_on_free:
                self._write_each(places, zone.free_page)
                pages, held = pcp.lists[mt if mt < PCP_TYPES else MOVABLE], state[0]
                self._noted((cut, pages, slice(len(pages), None)))
                extend(pages, pfns)
                put_item(state, 0, held + len(pfns))
                self._noted((put_item, state, 0, held))
                return
        for pfn in pfns:
            self.put_pages(pfn, 0)

    def fill_from_now(self) -> None:
        """ctx.fill has come, or gone."""
        self._clears = self.init_on_alloc and self.ctx.fill is None

    def take(self, zone: Zone, order: int, mt: int, fragment: bool = True) -> Pfn | None:
        """Take from one zone, through its per-CPU lists where they hold such blocks. Linux: rmqueue(), 6.1"""
        if order <= COSTLY_ORDER or order == 9:
            pfn = zone.pcp[self.ctx.cpu].take(order, mt, fragment)
            if pfn is not None:
                return pfn
        return zone.buddy.take(order, mt, fragment)

    def _first_use(self, pfn: Pfn, nr_pages: int) -> None:
        first = pfn & ~63
        for group in range(first >> 6, (pfn + nr_pages + 63) >> 6):
            self.used[group] = True
        self.pages.fill_range(pfn, 1)
        self.ctx.first_use(first, max(64, nr_pages))

    def free_pages(self, pfn: Pfn, order: int = 0) -> None:
        """Drop the reference that alloc_pages() gave; the last one frees the block.

        Finding: double-free, invalid-free, mismatched-free (another order than allocated). Linux says nothing of any of
        them.
        """
        live = self.live
        record: Record | None = self._pop_book(live, pfn, None)
        if self._journal and record is not None:
            self._noted((put_key, live, pfn, record))
        if record is None or record[0] != order:
            self.odd.free(pfn, order, record)
            return
        ctx = self.ctx
        if ctx.keep_freed:
            ctx.books.freed[self.virt(pfn)] = (record, ctx.stack())
        if not self.put_pages(pfn, order):
            self.odd.referenced(pfn, order, record)

    def put_pages(self, pfn: Pfn, order: int) -> bool:
        """Drop one reference; free the block if it was the last. False: it was not, or the page is in a bad state."""
        size = self._page_size
        at = self._map + pfn * size
        zone = self._by_page.get(self._mem[at : at + size])
        if zone is None or (order and not self._tails_clean(at, pfn, order, zone)):
            return self.odd.put(pfn, order)
        self._u32[at + self._refcount >> 2] = 0
        if self._journal:
            self._touched(at >> PAGE_SHIFT)
        if self.init_on_free:
            self.ctx.ram.zero(pfn << PAGE_SHIFT, PAGE_SIZE << order)
        if order <= COSTLY_ORDER:
            pcp, mt = zone.pcp[self.ctx.cpu], zone.buddy.types.get(pfn >> 9, MOVABLE)
            index, state = order * PCP_TYPES + (mt if mt < PCP_TYPES else MOVABLE), pcp.state
            pages, before = pcp.lists[index], state[0]
            held = before + (1 << order)
            if self._journal:
                push(pages, pfn)
                self._noted((pop, pages))
                put_item(state, 0, held)
                self._noted((put_item, state, 0, before))
            else:
                pages.append(pfn)
                state[0] = held
            if held >= pcp.high or (order and state[1]):
                pcp.trim(order, index)
        else:
            self.release(pfn, order, zone)
        return True

    def _tails_clean(self, at: Phys, pfn: Pfn, order: int, zone: Zone) -> bool:
        # Do the pages after the first look as alloc_pages() left them?
        if order > 6:
            self.pages.fill_range(pfn, 1 << order)
        size, count = self._page_size, (1 << order) - 1
        return self.ctx.ram.mem[at + size : at + size * (count + 1)] == zone.free_page * count

    def free_clean(self, pfn: Pfn, order: int) -> None:
        """Free pages that get_pages() gave and that nobody else refers to, without looking at their struct pages."""
        if self.init_on_free:
            self.ctx.ram.zero(pfn << PAGE_SHIFT, PAGE_SIZE << order)
        zone = self.nodes.zone(pfn)
        if order > 6:
            self.pages.fill_range(pfn, 1 << order)
        self._write(self._map + pfn * self._page_size, zone.free_page * (1 << order))
        self.release(pfn, order, zone)

    def release(self, pfn: Pfn, order: int, zone: Zone | None = None) -> None:
        """Put pages whose struct pages are clean on a free list. Linux: free_the_page(), 6.1"""
        zone = self.nodes.zone(pfn) if zone is None else zone
        mt = zone.buddy.types.get(pfn >> 9, MOVABLE)
        if order <= COSTLY_ORDER or order == 9:
            zone.pcp[self.ctx.cpu].give(pfn, order, mt if mt < PCP_TYPES else MOVABLE)
        else:
            zone.buddy.give(pfn, order)

    # Thin relatives.
    def virt(self, pfn: Pfn) -> Virt:
        """page_address(): where the direct map has the page."""
        return self.page_offset + (pfn << PAGE_SHIFT)

    def pfn_of(self, virt: Virt) -> Pfn:
        """The frame behind an address in the direct map."""
        return virt - self.page_offset >> PAGE_SHIFT

    def folio_put(self, pfn: Pfn) -> None:
        """Free a page whose refcount the guest itself has just dropped to 0 (put_page() is inline). Linux:

        __folio_put(), 6.1
        """
        order = self.pages.compound_order(pfn)
        self.live.pop(pfn, None)
        self.pages.set_refcount(pfn, 1)
        self.put_pages(pfn, order)

    def split_page(self, pfn: Pfn, order: int) -> None:
        """Make single pages, each with a reference of its own, of a block that is not compound. Linux:

        split_page(), 6.1
        """
        record = self.live.get(pfn)
        for single in range(pfn, pfn + (1 << order)):
            self.pages.set_refcount(single, 1)
            if record is not None:
                self.live[single] = (0, *record[1:])

    def alloc_pages_exact(self, size: int, gfp: int) -> Pfn | None:
        """Allocate size bytes in whole pages, not rounded up to a power of two. Linux: alloc_pages_exact(), 6.1"""
        order = order_of(size)
        pfn = self.alloc_pages(gfp & ~(self.gfp.COMP | self.gfp.HIGHMEM), order)
        if pfn is not None:
            self.split_page(pfn, order)
            for extra in range(pfn + (size + PAGE_SIZE - 1 >> PAGE_SHIFT), pfn + (1 << order)):
                self.free_pages(extra)
        return pfn

    def free_pages_exact(self, pfn: Pfn, size: int) -> None:
        """Free what alloc_pages_exact() gave."""
        for single in range(pfn, pfn + (size + PAGE_SIZE - 1 >> PAGE_SHIFT)):
            self.free_pages(single)

    def alloc_bulk(self, gfp: int, count: int, nid: int = 0) -> list[Pfn]:
        """Up to count single pages. Linux: __alloc_pages_bulk(), 6.1"""
        got: list[Pfn] = []
        while len(got) < count and (pfn := self.alloc_pages(gfp, 0, nid)) is not None:
            got.append(pfn)
        return got

    def drain_all(self) -> None:
        """Give all pages on per-CPU lists back to the buddies. Linux: drain_all_pages(), 6.1"""
        for zone in self.nodes.populated:
            for pcp in zone.pcp:
                pcp.drain_all()

    def counts(self) -> dict[str, int]:
        """Pages: free in buddies, on per-CPU lists, lost."""
        zones = self.nodes.populated
        return {
            "free": sum(zone.free[0] for zone in zones),
            "pcp": sum(pcp.state[0] for zone in zones for pcp in zone.pcp),
            "lost": sum(1 << order for order in self.lost.values()),
        }

    def check(self) -> None:
        """Raises AssertionError where free lists, struct pages and books contradict each other."""
        self.nodes.check()
        for pfn, (order, _, _) in self.live.items():
            zone = self.nodes.zone(pfn)
            overlap: Any = [p for p in range(pfn, pfn + (1 << order)) if zone.buddy.order_at(p) >= 0]
            assert not overlap, f"live page {pfn:#x} is also free"
            assert self.pages.refcount(pfn) >= 1, f"live page {pfn:#x} without a reference"


def order_of(size: int) -> int:
    """get_order(): the order that has room for size bytes."""
    return max(0, (max(1, size) - 1 >> PAGE_SHIFT).bit_length())
