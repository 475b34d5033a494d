"""Per-CPU memory with fences: each CPU's copy lies on pages of its own (fence.py), at the distance that a per-CPU
pointer needs. What a module declares with DEFINE_PER_CPU, and the kernel's own variables, cannot have fences.
"""

from runtime.mm.context import Context
from runtime.mm.fence import PERCPU, Fences
from runtime.mm.fence_pages import FencedPages
from runtime.mm.percpu import PerCpu
from runtime.mm.vmalloc import Vmalloc
from runtime.units import PAGE_SHIFT, Phys

_MASK64 = 0xFFFFFFFFFFFFFFFF


class FencedPerCpu(PerCpu):
    """k.percpu of a machine with fences."""

    pa: FencedPages

    def __init__(self, ctx: Context, pages: FencedPages, vmalloc: Vmalloc, phys: Phys, fences: Fences) -> None:
        super().__init__(ctx, pages, vmalloc, phys)
        self.fences, self._fenced = fences, ctx.books.percpu
        self._stride = self.unit_size >> PAGE_SHIFT

    def alloc(self, size: int, alignment: int, gfp: int | None = None) -> int:
        """As unfenced; then each copy gets its fence."""
        taken: dict[int, tuple[int, int, tuple[int, ...]]] = {}
        self.books = taken
        try:
            shadow = super().alloc(size, alignment, gfp)
        finally:
            self.books = self._fenced
        if not shadow:
            return 0
        pointer = self._enclose(shadow, size, max(alignment, self.min_alloc)) or shadow
        self.books[pointer] = taken[shadow]
        return pointer

    def _enclose(self, shadow: int, size: int, alignment: int) -> int:
        fences = self.fences
        shape, nr_cpus = fences.shape(size, alignment), self.ctx.nr_cpus
        if fences.free_frames < shape[2] * nr_cpus:
            return 0
        first = fences.place(self._stride * (nr_cpus - 1) + shape[0])
        if first < 0:
            return 0
        for cpu in range(nr_cpus):
            content = self.ctx.mem.read(self.address(shadow, cpu), size)
            fences.put(first + cpu * self._stride, shape, PERCPU, shadow, content)
        return fences.virt + (first << PAGE_SHIFT) + shape[3] - self.first & _MASK64

    def free(self, pointer: int) -> None:
        """As unfenced, of the shadow; the copies are not mapped any more. Finding: out-of-bounds."""
        virt = self.first + pointer & _MASK64
        note, record = self.fences.at(virt), self.books.get(pointer)
        if note is None or record is None:
            super().free(pointer)
            return
        self._examine(pointer, None)
        slot = self.fences.slot_of(record[0])
        for cpu in range(self.ctx.nr_cpus):
            self.fences.unmap(note.head + cpu * self._stride, slot)
        ctx = self.ctx
        del self.books[pointer]
        if ctx.keep_freed:
            ctx.books.remember(pointer, record, ctx.stack())
        keep, ctx.keep_freed, self.books = ctx.keep_freed, False, {note.shadow: record}
        super().free(note.shadow)
        ctx.keep_freed, self.books = keep, self._fenced

    def _examine(self, pointer: int, at: tuple[int, ...] | None) -> None:
        size, _, stack = self.books[pointer]
        for virt in self.copies(pointer):
            if not self.fences.intact(virt, size):
                self.pa.report_overwritten(virt, size, "alloc_percpu()", stack, at)

    def verify(self) -> None:
        """Look at the red bytes of all that lives. Finding: out-of-bounds."""
        for pointer in list(self.books):
            if self.fences.holds(self.first + pointer & _MASK64):
                self._examine(pointer, ())

    def _no_chunk(self, pointer: int) -> None:
        if not self.fences.holds(self.first + pointer & _MASK64):
            super()._no_chunk(pointer)
