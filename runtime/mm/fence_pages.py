"""The page allocator with fences: what modules allocate lies on pages above RAM (fence.py), whose struct pages go on
where those of RAM end; the allocator's own pages are their shadows.

What has to lie at low addresses (GFP_DMA, GFP_DMA32) has no fence. A struct page of a fence is written when the guest
first looks at that part of the array, and from then on with each change; those of compound pages at once.
"""

import struct
from typing import Any

from runtime.mm.buddy import MAX_ORDER
from runtime.mm.context import Context
from runtime.mm.fence import LARGE, PAGES, SLAB, Fences, Note
from runtime.mm.fence_room import NOTE_WORDS
from runtime.mm.node import Nodes
from runtime.mm.page import FREE, RESERVED, PageMap
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.zone import Zone
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Virt


class FencedMap(PageMap):
    """The array of struct pages, that of the fences included."""

    fences: Fences
    _unused = b""  # the struct page of a page that never was in a slot

    def fill(self, virt: Virt) -> None:
        """As unfenced; of the fences' part only few struct pages are of a page that was ever used."""
        index = virt - self.virt >> PAGE_SHIFT
        first = index * PAGE_SIZE // self.size
        if first < self.fences.first_pfn or PAGE_SIZE % self.size:
            super().fill(virt)
            return
        if index in self.filled:
            return
        self.filled[index] = True
        if not self._unused:
            self._unused = self.fresh(first, 1, self.PG_reserved)
        phys, size = self.phys + (index << PAGE_SHIFT), self.size
        self.ram.write(phys, self._unused * self.group)
        for used in self.fences.used(first - self.fences.first_pfn, self.group):
            self.ram.write(phys + used * size, self._describe(first + used))
        self.ctx.tables.map_page(self.virt + (index << PAGE_SHIFT), phys, self.ctx.arch.KERNEL)

    def _describe(self, pfn: Pfn) -> bytes:
        index = pfn - self.fences.first_pfn
        if index < 0:
            return super()._describe(pfn)
        note = self.fences.at(self.fences.virt + (index << PAGE_SHIFT))
        if note is None:
            return self._unused or self.fresh(pfn, 1, self.PG_reserved)
        if note.freed:
            return self.fresh(pfn)
        if note.kind == SLAB:
            return self._slab(pfn, note)
        if note.kind in (PAGES, LARGE):
            live = note.kind == LARGE or pfn in self.ctx.books.pages
            return self.fresh(pfn, 1 if live else 0)
        return self.fresh(pfn, 1, self.PG_reserved)

    def _slab(self, pfn: Pfn, note: Note) -> bytes:
        # One object, in use, in a slab that a CPU owns.
        data = bytearray(self.fresh(pfn, 1, self.PG_slab))
        self._put_slab(data, note)
        return bytes(data)

    def _put_slab(self, data: bytearray, note: Note) -> None:
        offset, record = self.ctx.abi.offset, self.ctx.books.slab.get(note.object)
        struct.pack_into("<Q", data, offset("slab", "slab_cache"), record[0].address if record and record[0] else 0)
        struct.pack_into("<I", data, offset("slab", "counters"), 1 | 1 << 16 | 1 << 31)

    def taken(self, note: Note, slot: int) -> None:
        """A slot has got its object: its struct pages say so."""
        pfn = self.fences.first_pfn + note.head
        if slot == 1:
            self.ram.write(self.at(pfn), self._describe(pfn))
            return
        self.make_compound(pfn, slot.bit_length() - 1)
        if note.kind == SLAB:
            at = self.at(pfn)
            data = bytearray(self.ram.mem[at : at + self.size])
            struct.pack_into("<Q", data, self.flags_at, self.flags(pfn) | self.PG_head | self.PG_slab)
            self._put_slab(data, note)
            self.ram.write(at, bytes(data))


class FencedNodes(Nodes):
    """The nodes, and the frames of the fences, each of which belongs where its shadow does."""

    page_map = FencedMap
    fences: Fences
    pages: FencedMap

    def fence(self, fences: Fences) -> None:
        """The fences exist."""
        self.fences = self.pages.fences = fences
        self._first, self._end = fences.first_pfn, fences.first_pfn + fences.pages

    def exists(self, pfn: Pfn) -> bool:
        return self._first <= pfn < self._end or super().exists(pfn)

    def spans(self) -> list[tuple[Pfn, Pfn]]:
        return [*super().spans(), (self.fences.first_pfn, self.fences.first_pfn + self.fences.pages)]

    def zone(self, pfn: Pfn) -> Zone:
        if pfn >= self.end and (note := self._note(pfn)) is not None and note.kind in (SLAB, LARGE, PAGES):
            pfn = note.shadow - self.fences.ctx.arch.PAGE_OFFSET >> PAGE_SHIFT
        return super().zone(pfn)

    def state(self, pfn: Pfn) -> int:
        if pfn < self.end:
            return super().state(pfn)
        return FREE if self._note(pfn) is not None else RESERVED

    def _note(self, pfn: Pfn) -> Note | None:
        return self.fences.at(self.fences.virt + (pfn - self.fences.first_pfn << PAGE_SHIFT))


class FencedPages(PageAllocator):
    """k.pages of a machine with fences. What the other allocators take of it has none."""

    nodes: FencedNodes

    def __init__(self, ctx: Context, nodes: FencedNodes, fences: Fences) -> None:
        super().__init__(ctx, nodes)
        self.fences, self.books, self._first = fences, ctx.books.pages, fences.first_pfn
        self.low = self.gfp.DMA | self.gfp.DMA32  # they promise addresses below what the fences have
        self._shapes = [(1 << order, 1 << order, 1 << order, 0, b"", b"", b"", b"") for order in range(MAX_ORDER)]
        self._hide, self._notes, self._filled = fences.hide, fences.notes_at, self.pages.filled
        self._taken: dict[Pfn, Any] = {}  # what the allocator has just taken: empty between two calls

    def alloc_pages(self, gfp: int, order: int = 0, nid: int = 0) -> Pfn | None:
        """As unfenced; then the pages get their fence."""
        self.live = self._taken
        try:
            shadow = super().alloc_pages(gfp, order, nid)
        finally:
            self.live = self.books
        if shadow is None:
            return None
        record = self._taken.pop(shadow)
        pfn = shadow if gfp & self.low else self._enclose(shadow, order, gfp)
        self.books[pfn] = record
        return pfn

    def _enclose(self, shadow: Pfn, order: int, gfp: int) -> Pfn:
        fences, ram, slot = self.fences, self.ctx.ram, 1 << order
        virt = fences.show(self._shapes[order], PAGES, self.virt(shadow), PAGE_SIZE << order)
        if not virt:
            return shadow
        pfn = self.pfn_of(virt)
        pages = self.pages
        if order and gfp & self.gfp.COMP:
            pages.make_compound(pfn, order)
        elif self._has_struct_pages(pfn, order):
            pages.fill_range(pfn, slot)
            ram.write(pages.at(pfn), pages.fresh(pfn, 1) + pages.fresh(pfn) * (slot - 1))
        return pfn

    def _has_struct_pages(self, pfn: Pfn, order: int) -> bool:
        # Has anybody looked at one of them?
        first, filled = pfn * self._page_size >> PAGE_SHIFT, self.pages.filled
        if order <= 6:
            return first in filled
        return any(part in filled for part in range(first, first + (self._page_size << order >> PAGE_SHIFT)))

    def free_pages(self, pfn: Pfn, order: int = 0) -> None:
        """As unfenced."""
        index, record, ctx = pfn - self._first, self.books.get(pfn), self.ctx
        if index < 0 or order or record is None or record[0] or pfn * self._page_size >> PAGE_SHIFT in self._filled:
            super().free_pages(pfn, order)
            return
        ctx.books.retire(self.books, pfn, self.page_offset + (pfn << PAGE_SHIFT), record, ctx.stack())
        self._release(index, 0)

    def put_pages(self, pfn: Pfn, order: int) -> bool:
        """As unfenced."""
        if pfn < self._first:
            return PageAllocator.put_pages(self, pfn, order)
        size = self._page_size
        at = self._map + pfn * size
        if self._has_struct_pages(pfn, order):
            zone = self._by_page.get(self._mem[at : at + size])
            if zone is None or (order and not self._tails_clean(at, pfn, order, zone)):
                return self.odd.put(pfn, order)
            self._put32(at + self._refcount, 0)
        self.release(pfn, order)
        return True

    def release(self, pfn: Pfn, order: int, zone: Zone | None = None) -> None:
        """As unfenced; of pages with a fence: unmap them, and free their shadows."""
        index = pfn - self._first
        if index < 0:
            PageAllocator.release(self, pfn, order, zone)
        else:
            self._release(index, order)

    def _release(self, index: int, order: int) -> None:
        shadow = self.ctx.ram.u64[self._notes + index * NOTE_WORDS] - self.page_offset >> PAGE_SHIFT
        if order:
            self.fences.unmap(index, 1 << order)
        else:
            self._hide(index)
        at = self._map + shadow * self._page_size
        if self._mem[at : at + self._page_size] in self._by_page:
            PageAllocator.put_pages(self, shadow, order)
        else:  # compound, or from the middle of a block
            self.free_clean(shadow, order)

    # For the slab allocator

    def fence_taken(self, virt: Virt, size: int) -> None:
        """An object with a fence is in the books."""
        note = self.fences.at(virt)
        assert note is not None
        self.nodes.pages.taken(note, self.fences.slot_of(size))

    def fence_left(self, virt: Virt, size: int) -> None:
        """An object with a fence was freed: its struct pages say so, where there are any."""
        note, slot = self.fences.at(virt), self.fences.slot_of(size)
        assert note is not None
        pages, pfn = self.pages, self.fences.first_pfn + note.head
        if slot > 1 or pfn * pages.size >> PAGE_SHIFT in pages.filled:
            pages.reset(pfn, slot)

    def report_overwritten(
        self, virt: Virt, size: int, what: str, allocated: tuple[int, ...], at: tuple[int, ...] | None = None
    ) -> None:
        """Finding: out-of-bounds, for the red bytes around an object; they are made red again."""
        for side, distance, count in self.fences.overwritten(virt, size):
            self.report_zone(side, distance, count, virt, size, what, allocated, at)
        self.fences.repair(virt, size)

    def report_zone(
        self, side: str, distance: int, count: int, virt: Virt, size: int, what: str,
        allocated: tuple[int, ...], at: tuple[int, ...] | None,
    ) -> None:  # fmt: skip
        """Finding: out-of-bounds. count bytes, the nearest at this distance from the object, are not red any more."""
        if side == "left":
            where = f"up to {distance} bytes left of" if distance > 1 else "just before"
        else:
            where = f"{distance} byte{'s' * (distance != 1)} right of" if distance else "just behind"
        bytes_ = "1 byte was" if count == 1 else f"{count} bytes were"
        self.ctx.finding(
            "out-of-bounds", f"{bytes_} written {where} an object of {size} bytes of {what}",
            address=virt, size=size, allocated=allocated, at=at,
        )  # fmt: skip
