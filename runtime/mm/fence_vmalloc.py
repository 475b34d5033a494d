"""vmalloc() with fences: a page behind each area is unmapped in any case, and so is what is freed. The rest of the last
page is red.
"""

from runtime.mm.fence import RED
from runtime.mm.fence_pages import FencedPages
from runtime.mm.vmalloc import Vmalloc
from runtime.units import PAGE_MASK, PAGE_SIZE, Virt


class FencedVmalloc(Vmalloc):
    """k.vmalloc of a machine with fences."""

    pa: FencedPages

    def vmalloc(self, size: int, gfp: int | None = None, alignment: int = PAGE_SIZE, nid: int = 0) -> Virt:
        """As unfenced."""
        virt = super().vmalloc(size, gfp, alignment, nid)
        if virt:
            self.ctx.mem.fill(virt + size, -size & PAGE_MASK, RED)
        return virt

    def _unmap(self, virt: Virt, free_pages: bool, what: str) -> None:
        if virt in self.books:
            self._examine(virt, None)
        super()._unmap(virt, free_pages, what)

    def _examine(self, virt: Virt, at: tuple[int, ...] | None) -> None:
        size, _, stack = self.books[virt]
        rest = -size & PAGE_MASK
        wrong = [i for i, byte in enumerate(self.ctx.mem.read(virt + size, rest)) if byte != RED] if rest else []
        if not wrong:
            return
        count, distance = wrong[-1] + 1 - wrong[0], wrong[0]
        self.pa.report_zone("right", distance, count, virt, size, "vmalloc()", stack, at)
        self.ctx.mem.fill(virt + size, rest, RED)

    def verify(self) -> None:
        """Look at the red bytes of all that lives. Finding: out-of-bounds."""
        for virt in list(self.books):
            self._examine(virt, ())
