"""One chunk of per-CPU memory: which parts of a unit are in use. Offsets in bytes.

First fit, lowest first.
Linux: mm/percpu.c, pcpu_alloc_area(), pcpu_free_area(), 6.1
"""

from runtime.undo import Undo, insert, pop
from runtime.units import Pfn, Virt, align


class Chunk:
    """base: where the first CPU's unit starts; low to high: the part of a unit that is handed out here."""

    def __init__(self, undo: Undo, base: Virt, low: int, high: int) -> None:
        self.base, self.low, self.high, self._noted = base, low, high, undo.noted
        self.starts: list[int] = undo.list()
        self.ends: list[int] = undo.list()
        self.pages: dict[Virt, Pfn] = undo.dict()  # of a chunk in the vmalloc range: what is mapped so far

    def take(self, size: int, alignment: int) -> int:
        """Occupy size bytes. Return: their offset, -1 if there is no room."""
        at, index = align(self.low, alignment), 0
        while index < len(self.starts) and at + size > self.starts[index]:
            at, index = align(max(at, self.ends[index]), alignment), index + 1
        if at + size > self.high:
            return -1
        for edges, edge in ((self.starts, at), (self.ends, at + size)):
            insert(edges, index, edge)
            self._noted((pop, edges, index))
        return at

    def give(self, offset: int) -> None:
        """Free what take() gave."""
        index = self.starts.index(offset)
        for edges in (self.starts, self.ends):
            self._noted((insert, edges, index, pop(edges, index)))

    def check(self) -> None:
        """Raises AssertionError where parts overlap or leave the chunk."""
        edge = self.low
        for start, end in zip(self.starts, self.ends, strict=True):
            assert edge <= start < end <= self.high
            edge = end
