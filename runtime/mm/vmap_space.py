"""Ranges of kernel addresses for areas that are mapped page by page: vmalloc and modules. Bytes, in whole pages.

First fit, lowest first, with an unmapped guard page behind each area. A freed range is not used again before enough of
them have come together (Linux then flushes all TLBs at once): what a module keeps of a freed area faults for a long
time.

Invariant: occupied ranges do not overlap.
Linux: mm/vmalloc.c, alloc_vmap_area(), free_vmap_area_noflush(), lazy_max_pages(), 6.1
"""

from bisect import bisect_right

from runtime.undo import Undo, pop, push
from runtime.units import PAGE_SHIFT, PAGE_SIZE, MiB, Virt, align


class VmapSpace:
    """Addresses from start to end."""

    def __init__(self, undo: Undo, start: Virt, end: Virt, nr_cpus: int) -> None:
        self.start, self.end, self._noted = start, end, undo.noted
        self.starts: list[Virt] = undo.list()
        self.ends: list[Virt] = undo.list()
        # freed, not to be used yet: (start, end, pages up to this one)
        self.lazy: list[tuple[Virt, Virt, int]] = undo.list()
        self.lazy_max = nr_cpus.bit_length() * (32 * MiB >> PAGE_SHIFT)

    def take(self, size: int, alignment: int = PAGE_SIZE) -> Virt:
        """Occupy size bytes. Return: where, 0 if no gap is large enough."""
        at, index = align(self.start, alignment), 0
        if self.ends and self.ends[-1] - self.start == sum(self.ends) - sum(self.starts):
            at, index = align(self.ends[-1], alignment), len(self.starts)  # no gaps: behind the last one
        while index < len(self.starts) and self.starts[index] < at + size:
            at, index = align(max(at, self.ends[index]), alignment), index + 1
        if at + size > self.end:
            if not self.lazy:
                return 0
            self.purge()
            return self.take(size, alignment)
        if index == len(self.starts):
            self.starts.append(at)
            self.ends.append(at + size)
        else:
            self.starts.insert(index, at)
            self.ends.insert(index, at + size)
        return at

    def give(self, start: Virt) -> None:
        """Free a range; it stays occupied until the next purge."""
        end = self.ends[bisect_right(self.starts, start) - 1]
        pages = (end - start >> PAGE_SHIFT) + (self.lazy[-1][2] if self.lazy else 0)
        push(self.lazy, (start, end, pages))
        self._noted((pop, self.lazy))
        if pages > self.lazy_max:
            self.purge()

    def purge(self) -> None:
        """Make all freed ranges usable."""
        for start, _, _ in self.lazy:
            index = bisect_right(self.starts, start) - 1
            self.starts.pop(index)
            self.ends.pop(index)
        self.lazy.clear()

    def check(self) -> None:
        """Raises AssertionError where ranges overlap or leave the space."""
        edge = self.start
        for start, end in zip(self.starts, self.ends, strict=True):
            assert edge <= start < end <= self.end
            edge = end
