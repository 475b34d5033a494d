"""Marks of guest RAM: which pages changed since, and what they held.

Changed pages are those that Python or the guest wrote (dirty.py). A mark copies what changed since the one before, so
it costs what was done, not what there is; going back copies those pages back. Marks nest. What the guest writes through
a page of 1 GiB is not seen.

Invariant: base[pfn] is what page pfn held at the last mark; a page that is not in it holds what ram.initial says, or
zeros: it has not been written since the machine was made.
"""

from runtime.arch import x86_64 as arch
from runtime.dirty import Dirty
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Phys

_ZERO = bytes(PAGE_SIZE)


class _Pages(dict[Pfn, slice]):
    """pfn -> the page, as a slice of RAM."""

    def __missing__(self, pfn: Pfn) -> slice:
        page = self[pfn] = slice(pfn << PAGE_SHIFT, pfn + 1 << PAGE_SHIFT)
        return page


class _Contents(dict[Pfn, bytes]):
    """pfn -> what the page held; those that are not in it held what initial says, or zeros."""

    def __init__(self, initial: dict[Pfn, bytes]) -> None:
        super().__init__()
        self.initial = initial

    def __missing__(self, pfn: Pfn) -> bytes:
        return self.initial.get(pfn, _ZERO)


class Snapshots:
    """tables_phys: page tables lie from there on; they are written back too, and what is cached of them is dropped."""

    def __init__(self, ram: Ram, tables: PageTables, tables_phys: Phys) -> None:
        self.ram, self.tables = ram, tables
        self.tables_pfn = tables_phys >> PAGE_SHIFT
        self.base = _Contents(ram.initial)
        self._before: list[dict[Pfn, bytes]] = []  # for each mark: what base held before it
        self._pages, self.changed = _Pages(), Dirty(ram, tables).changed
        self._nr_filled, self._directories = 0, set[Pfn]()  # tables.filled: how many there are, and on which pages

    def mark(self) -> int:
        """Remember RAM as it is now; the number to rewind to."""
        base, mem, pages = self.base, self.ram.mem, self._pages
        before = {}
        for pfn in self.changed():
            before[pfn] = base[pfn]
            base[pfn] = mem[pages[pfn]]
        self._before.append(before)
        self.tables.flush()
        return len(self._before)

    def rewind(self, mark: int) -> None:
        """Take RAM back to a mark, which stays; later ones are gone. To be called before the journal is taken back: it
        knows which tables there are now.
        """
        base, pfns = self.base, self.changed()
        while len(self._before) > mark:
            before = self._before.pop()
            base.update(before)
            pfns.update(before)
        mem, pages, tables, first = self.ram.mem, self._pages, [], self.tables_pfn
        for pfn in pfns:
            mem[pages[pfn]] = base[pfn]
            if pfn >= first:
                tables.append(pfn << PAGE_SHIFT)
        if tables:
            self._restore_filled(pfns)
            self.tables.forget_tables(tables)
        else:
            self.tables.flush()

    def _restore_filled(self, pfns: set[Pfn]) -> None:
        """Entries that were filled in after the mark stay, also where the page that they lie in was taken back."""
        u64, filled = self.ram.u64, self.tables.filled
        if self._nr_filled != len(filled):
            self._nr_filled, self._directories = len(filled), {at >> PAGE_SHIFT - 3 for at in filled}
        if not self._directories.isdisjoint(pfns):
            for at, entry in filled.items():
                if not u64[at] & arch.PTE_PRESENT:
                    u64[at] = entry
