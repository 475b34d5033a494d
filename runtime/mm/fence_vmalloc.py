"""vmalloc() with fences: a page behind each area is unmapped in any case, and so is what is freed. The rest of the last
page is red.
"""

from runtime.mm.fence import RED
from runtime.mm.fence_pages import FencedPages
from runtime.mm.vmalloc import Area, Vmalloc
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Pfn, Virt


class FencedVmalloc(Vmalloc):
    """k.vmalloc of a machine with fences."""

    pa: FencedPages

    def vmalloc(self, size: int, gfp: int | None = None, alignment: int = PAGE_SIZE, nid: int = 0) -> Virt:
        """As unfenced."""
        virt = super().vmalloc(size, gfp, alignment, nid)
        if virt and size & PAGE_MASK:
            self.ctx.mem.fill(virt + size, -size & PAGE_MASK, RED)
        return virt

    def _map(self, area: Area) -> None:
        super()._map(area)
        fences = self.pa.fences
        for index, pfn in enumerate(area.pfns):  # vmap() of pages that have fences
            if pfn >= fences.first_pfn:
                frame = fences.frame(pfn - fences.first_pfn)
                self.ctx.tables.map_page(area.start + (index << PAGE_SHIFT), frame, self.ctx.arch.KERNEL)

    def to_pfn(self, virt: Virt) -> Pfn | None:
        """As unfenced: of pages that have fences, the number that their struct pages have."""
        pfn, area = super().to_pfn(virt), self.area(virt)
        if pfn is None or area is None:
            return pfn
        index = virt - area.start >> PAGE_SHIFT
        return area.pfns[index] if index < len(area.pfns) else pfn

    def _unmap(self, virt: Virt, free_pages: bool, what: str) -> None:
        record = self.books.get(virt)
        if record is None:
            super()._unmap(virt, free_pages, what)
            return
        if record[0] & PAGE_MASK:
            self._examine(virt, None)
        ctx, area = self.ctx, self.areas[virt]
        ctx.books.retire(self.books, virt, virt, record, ctx.stack())
        remove = FencedVmalloc.remove if area.what == "vmap" else Vmalloc.remove
        remove(self, area, free_pages and area.owned)

    def remove(self, area: Area, free_pages: bool) -> None:
        """As unfenced; the pages of a vmap() may have fences."""
        of_vmap = area.what == "vmap"
        super().remove(area, free_pages and not of_vmap)
        if free_pages and of_vmap:
            for pfn in area.pfns:
                self.pa.put_pages(pfn, 0)

    def _examine(self, virt: Virt, at: tuple[int, ...] | None) -> None:
        size, _, stack = self.books[virt]
        rest = -size & PAGE_MASK
        wrong = [i for i, byte in enumerate(self.ctx.mem.read(virt + size, rest)) if byte != RED]
        if not wrong:
            return
        count, distance = wrong[-1] + 1 - wrong[0], wrong[0]
        self.pa.report_zone("right", distance, count, virt, size, "vmalloc()", stack, at)
        self.ctx.mem.fill(virt + size, rest, RED)

    def verify(self) -> None:
        """Look at the red bytes of all that lives. Finding: out-of-bounds."""
        for virt in list(self.books):
            self._examine(virt, ())
