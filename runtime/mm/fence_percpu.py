"""Per-CPU memory with fences: each CPU's copy lies on pages of its own (fence.py), at the distance that a per-CPU
pointer needs. What a module declares with DEFINE_PER_CPU, and the kernel's own variables, cannot have fences.
"""

from runtime.mm.context import Context, Stack
from runtime.mm.fence import PERCPU, Fences, Shape
from runtime.mm.fence_pages import FencedPages
from runtime.mm.fence_room import NOTE_WORDS
from runtime.mm.percpu import PerCpu
from runtime.mm.vmalloc import Vmalloc
from runtime.units import PAGE_MASK, PAGE_SHIFT, Phys, Virt

_MASK64 = 0xFFFFFFFFFFFFFFFF


class FencedPerCpu(PerCpu):
    """k.percpu of a machine with fences."""

    pa: FencedPages

    def __init__(self, ctx: Context, pages: FencedPages, vmalloc: Vmalloc, phys: Phys, fences: Fences) -> None:
        super().__init__(ctx, pages, vmalloc, phys)
        self.fences, self._fenced = fences, ctx.books.percpu
        self._stride, self._notes = self.unit_size >> PAGE_SHIFT, fences.notes_at
        self._shapes: dict[tuple[int, int], Shape] = {}  # (size, offset in a page) -> how such an object lies there

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
        fences, nr_cpus = self.fences, self.ctx.nr_cpus
        shape = fences.shape(size, alignment)
        if fences.free_frames < shape[2] * nr_cpus:
            return 0
        first = fences.place(self._stride * (nr_cpus - 1) + shape[0])
        if first < 0:
            return 0
        content = shape[6] or bytes(size)  # as the shadow, which was just cleared
        for index in range(first, first + nr_cpus * self._stride, self._stride):
            fences.put(index, shape, PERCPU, shadow, content)
        self._shapes[size, shape[3]] = shape
        return fences.virt + (first << PAGE_SHIFT) + shape[3] - self.first & _MASK64

    def free(self, pointer: int) -> None:
        """As unfenced, of the shadow; the copies are not mapped any more. Finding: out-of-bounds."""
        ctx, fences, virt, record = self.ctx, self.fences, self.first + pointer & _MASK64, self._fenced.get(pointer)
        index, step = virt - fences.virt >> PAGE_SHIFT, self._stride
        if record is None or not 0 <= index < fences.pages:
            super().free(pointer)
            return
        size = record[0]
        shape, shadow = self._shapes[size, virt & PAGE_MASK], ctx.ram.u64[self._notes + index * NOTE_WORDS]
        for copy in range(index, index + ctx.nr_cpus * step, step):
            if shape[0] > 1 or not fences.leave(copy, shape):
                self._examine_copy(virt + (copy - index << PAGE_SHIFT), size, record[2], None)
                fences.unmap(copy, shape[0])
        ctx.books.retire(self._fenced, pointer, pointer, record, ctx.stack())
        chunk = self._chunk_of(shadow)
        assert chunk is not None
        chunk.give(shadow - chunk.base + self.first & _MASK64)
        if not chunk.starts and chunk.base != self.first:
            self._retire(chunk)

    def _examine_copy(self, virt: Virt, size: int, stack: Stack, at: Stack | None) -> None:
        if not self.fences.intact(virt, size):
            self.pa.report_overwritten(virt, size, "alloc_percpu()", stack, at)

    def verify(self) -> None:
        """Look at the red bytes of all that lives. Finding: out-of-bounds."""
        for pointer, (size, _, stack) in list(self.books.items()):
            if self.fences.holds(self.first + pointer & _MASK64):
                for virt in self.copies(pointer):
                    self._examine_copy(virt, size, stack, ())

    def _no_chunk(self, pointer: int) -> None:
        if not self.fences.holds(self.first + pointer & _MASK64):
            super()._no_chunk(pointer)
