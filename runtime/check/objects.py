"""Which live object an address lies in, as the books and the allocators' own data tell: no search through all of them.

Linux: mm/kmemleak.c, lookup_object(), 6.1
"""

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from runtime.errors import GuestFault
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

Stack = tuple[int, ...]
_MASK64 = 0xFFFFFFFFFFFFFFFF
_ORDERS = range(11)
_SMALL, _NEGATIVE = 4096, (1 << 64) - 4096  # no pointers: numbers below, error codes above
_OFTEN = 16 * 1024


class Live(NamedTuple):
    """kind: as in the books. address: as live_objects() has it; per-CPU objects and caches are known by theirs, too."""

    kind: str
    address: Virt
    size: int
    stack: Stack


class LiveObjects:
    """Looks up addresses as they are in memory: of an object's first byte or of any other one, of its struct page, of a
    CPU's copy, or a per-CPU pointer.
    """

    def __init__(self, k: "Kernel") -> None:
        self.k, self.books, self.arch = k, k.mm.books, k.mm.arch
        self.fences = k.mm.fences
        self.page_size = k.abi.sizeof("page")
        self.caches = {cache.address: (size, stack) for cache, _, size, stack in self.books.caches.values()}

    def find(self, word: int) -> Live | None:
        """The object that a word of memory may point to; None where there is none."""
        percpu = self.books.percpu.get(word)
        if percpu is not None:
            return Live("percpu", word, percpu[0], percpu[2])
        arch = self.arch
        if arch.PAGE_OFFSET <= word < arch.VMALLOC_START:
            return self._in_direct_map(word)
        if arch.VMALLOC_START <= word < arch.STACKS:
            return self._in_vmalloc(word)
        if arch.VMEMMAP_START <= word < arch.START_KERNEL_MAP:
            return self._in_pages((word - arch.VMEMMAP_START) // self.page_size)
        return None

    def _in_direct_map(self, virt: Virt) -> Live | None:
        if virt in self.books.slab:
            return self._object(virt)
        if virt in self.caches:
            return Live("cache", virt, *self.caches[virt])
        if self.fences is not None and self.fences.holds(virt):
            return self._with_fences(virt)
        slab = self.k.slab.find_slab(virt)
        if slab is not None:
            objp = virt - (virt - slab.start) % slab.cache.size
            return self._object(objp) if objp in self.books.slab else None
        pfn = virt - self.arch.PAGE_OFFSET >> PAGE_SHIFT
        return self._in_pages(pfn) or self._in_large(pfn) or self._in_percpu(virt)

    def _object(self, objp: Virt) -> Live:
        _, size, _, stack = self.books.slab[objp]
        return Live("slab", objp, size, stack)

    def _in_pages(self, pfn: Pfn) -> Live | None:
        for order in _ORDERS:
            head = pfn >> order << order
            record = self.books.pages.get(head)
            if record is not None:
                inside = pfn < head + (1 << record[0])
                return Live("page", self.k.pages.virt(head), PAGE_SIZE << record[0], record[2]) if inside else None
        return None

    def _in_large(self, pfn: Pfn) -> Live | None:
        """An object of kmalloc() that has pages of its own."""
        for order in _ORDERS:
            objp = self.arch.PAGE_OFFSET + (pfn >> order << order + PAGE_SHIFT)
            record = self.books.slab.get(objp)
            if record is not None:
                inside = pfn << PAGE_SHIFT < objp - self.arch.PAGE_OFFSET + record[1]
                return self._object(objp) if inside else None
        return None

    def _in_vmalloc(self, virt: Virt) -> Live | None:
        area = self.k.vmalloc.area(virt)
        record = self.books.vmalloc.get(area.start) if area is not None else None
        if area is not None and record is not None:
            return Live("vmalloc", area.start, record[0], record[2])
        return self._in_percpu(virt)

    def _in_percpu(self, virt: Virt) -> Live | None:
        """A CPU's copy."""
        percpu = self.k.percpu
        for chunk in percpu.chunks:
            if chunk.base <= virt < chunk.base + percpu.unit_size * self.k.mm.nr_cpus:
                offset = (virt - chunk.base) % percpu.unit_size
                index = bisect_right(chunk.starts, offset) - 1
                if index >= 0 and offset < chunk.ends[index]:
                    return self.find(chunk.base + chunk.starts[index] - percpu.first & _MASK64)
        return None

    def _with_fences(self, virt: Virt) -> Live | None:
        """Where objects have pages of their own, a note for each page tells whose it is."""
        note = self.fences.at(virt)
        if note is None or note.freed:
            return None
        if note.object in self.books.slab:
            return self._object(note.object)
        live = self._in_pages(note.object - self.arch.PAGE_OFFSET >> PAGE_SHIFT)
        pointers = (pointer for pointer in self.k.percpu.pointers(note.object) if pointer in self.books.percpu)
        return live or next((self.find(pointer) for pointer in pointers), None)

    # What objects hold

    def words(self, live: Live) -> frozenset[int]:
        """What may be pointers in an object, its pages' struct pages included."""
        if live.kind == "percpu":
            copies = self.k.percpu.copies(live.address)
            return frozenset().union(*(read_words(self.k, virt, live.size) for virt in copies))
        if live.kind == "cache":
            return frozenset()
        words = read_words(self.k, live.address, live.size)
        if live.kind == "page":
            words |= self._of_struct_pages(live)
        elif live.kind == "vmalloc":
            area = self.k.vmalloc.areas[live.address]
            words |= {self.k.pages.virt(pfn) for pfn in area.pfns if area.what == "vmap"}
        return words

    def _of_struct_pages(self, live: Live) -> frozenset[int]:
        pages, first = self.k.nodes.pages, self.k.pages.pfn_of(live.address)
        members = [self.k.abi.offset("page", member) for member in ("private", "mapping")]
        found = range(first, first + (live.size >> PAGE_SHIFT))
        return frozenset(self.k.ram.u64[pages.at(pfn) + member >> 3] for pfn in found for member in members)


def read_words(k: "Kernel", virt: Virt, size: int) -> frozenset[int]:
    """The aligned words of a part of memory that may be pointers; none where it is not mapped."""
    start, end = virt + 7 & ~7, virt + size & ~7
    if start >= end:
        return frozenset()
    try:
        data = k.mem.read(start, end - start)
    except GuestFault:
        return frozenset()
    return words_of(data) if size <= _OFTEN else words_of.__wrapped__(data)


@lru_cache(maxsize=256)
def words_of(data: bytes) -> frozenset[int]:
    """Every word of data but small numbers and negative ones: what is searched often has mostly not changed."""
    return frozenset(word for word in set(memoryview(data).cast("Q").tolist()) if _SMALL <= word < _NEGATIVE)
