"""Page tables, written into guest RAM, four levels deep; and the software TLB through which Python reads what they map.

Tables come from `allocate`, one zeroed page (phys) at a time. Every change of a present entry drops the software TLB's
entry and calls `flush`, which the CPU sets to flush its own; making an entry present does not have to, as x86 never
remembers absent ones.

Invariant: a phys in the software TLB is what a walk of the tables gives.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence

from runtime.arch import x86_64 as arch
from runtime.ram import Ram
from runtime.undo import Undo
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Phys, Virt

_INDEX = 511
_PRESENT, _DIRTY, _PHYS = arch.PTE_PRESENT, arch.PTE_DIRTY, arch.PTE_PHYS


def _nothing() -> None:
    """There is no CPU yet whose TLB could hold an entry."""


def _nowhere(_virt: Virt) -> bool:
    """Nothing is filled in lazily."""
    return False


def _unknown(_table: Phys) -> int | None:
    """Nobody else keeps tables."""
    return None


class PageTables:
    """One address space. root: phys of the top table (CR3)."""

    def __init__(self, ram: Ram, allocate: Callable[[], Phys], undo: Undo | None = None) -> None:
        self.ram, self.allocate = ram, allocate
        self.root = allocate()
        # Entries that lead to a last-level table or map 2 MiB, as indices of 8 byte words of RAM: where a search for
        # dirty pages starts.
        self.leaves: list[int] = undo.list() if undo else []
        self._marked = undo is not None and undo.journal  # D in an entry tells a snapshot what the guest wrote
        self.filled: dict[int, int] = {}  # those of tables that somebody else keeps, and that stay: what they hold
        self.readable: dict[int, Phys] = {}  # virtual page number -> phys of the page
        self.writable: dict[int, Phys] = {}
        self.cached: dict[int, list[int]] = {}  # page number >> 9 -> those of its pages that may be in these two
        self.flush: Callable[[], None] = _nothing
        # Makes a last-level table that somebody else keeps, before it is changed.
        self.fill: Callable[[Virt], bool] = _nowhere
        # Of a last-level table that somebody else keeps: page number >> 9 of what it maps.
        self.key_of: Callable[[Phys], int | None] = _unknown
        self.leaf_tables: dict[int, Phys] = {}  # virt >> 21 -> phys of the last-level table
        self._keys: dict[Phys, int] = {}  # the other way round

    def _descend(self, table: Phys, index: int, level: int) -> Phys:
        """The table below, made where it is missing."""
        entry = self.ram.u64[(table >> 3) + index]
        if not entry & arch.PTE_PRESENT:
            below = self.allocate()
            self.ram.put64(table + index * 8, below | arch.TABLE)
            if level == 21:
                self.leaves.append((table >> 3) + index)
            return below
        return entry & arch.PTE_PHYS

    def _table(self, virt: Virt, shift: int) -> Phys:
        """The table whose entries map 1 << shift bytes each, for virt."""
        table = self.root
        for level in (39, 30, 21):
            if level == shift:
                break
            at = table + (virt >> level & _INDEX) * 8
            if self.ram.u64[at >> 3] & (arch.PTE_HUGE | arch.PTE_PRESENT) == arch.PTE_HUGE | arch.PTE_PRESENT:
                self._split(virt, at, level)
            table = self._descend(table, virt >> level & _INDEX, level)
        return table

    def _split(self, virt: Virt, at: Phys, shift: int) -> None:
        """Replace a large page of 1 << shift bytes, its entry at `at`, by a table of smaller ones that map the same."""
        entry = self.ram.u64[at >> 3]
        below, step = self.allocate(), 1 << shift - 9
        if shift == 30:
            self.leaves.extend(range(below >> 3, (below >> 3) + 512))
        keep = entry if shift == 30 else entry & ~arch.PTE_HUGE
        self.ram.write(below, array("Q", range(keep, keep + 512 * step, step)).tobytes())
        self.ram.put64(at, below | arch.TABLE)
        self._changed(virt, 1 << shift)

    def leaf_table(self, virt: Virt) -> Phys:
        """The table of 4 KiB entries for the 2 MiB around virt."""
        key = virt >> 21
        table = self.leaf_tables.get(key)
        if table is None:
            self.fill(virt)
            table = self.leaf_tables[key] = self._table(virt, 12)
            self._keys[table] = key
        return table

    def map_page(self, virt: Virt, phys: Phys, flags: int) -> None:
        """Map one page."""
        at = self.leaf_table(virt) + (virt >> 9 & 0xFF8)
        was = self.ram.u64[at >> 3]
        self.ram.put64(at, phys | flags)
        if was & arch.PTE_PRESENT:
            self._changed(virt, PAGE_SIZE)

    def _spans(self, virt: Virt, size: int) -> list[tuple[Phys, int]]:
        """Where the entries of a range lie: (phys of the first one, how many) in each last-level table."""
        index, left = virt >> PAGE_SHIFT & _INDEX, size + PAGE_MASK >> PAGE_SHIFT
        table = self.leaf_tables.get(virt >> 21)
        if table is not None and index + left <= 512:  # nearly always
            return [(table + index * 8, left)]
        spans = []
        while left:
            index = virt >> PAGE_SHIFT & _INDEX
            count = left if index + left <= 512 else 512 - index
            spans.append((self.leaf_table(virt) + index * 8, count))
            virt += count << PAGE_SHIFT
            left -= count
        return spans

    def map_pages(self, virt: Virt, pages: Sequence[Phys], flags: int) -> None:
        """Map pages side by side, from virt on, where nothing is mapped; a table's worth at a time."""
        entries, done = array("Q", [phys | flags for phys in pages]).tobytes(), 0
        for at, count in self._spans(virt, len(pages) << PAGE_SHIFT):
            self.ram.write(at, entries[done : done + count * 8])
            done += count * 8

    def map_range(self, virt: Virt, phys: Phys, size: int, flags: int) -> None:
        """Map size bytes that are contiguous in both, with 4 KiB pages, whole ones; a table's worth at a time."""
        first = phys | flags
        for at, count in self._spans(virt, size):
            entries = array("Q", range(first, first + (count << PAGE_SHIFT), PAGE_SIZE))
            self.ram.write(at, entries.tobytes())
            first += count << PAGE_SHIFT
        self._changed(virt, size)

    def map_large(self, virt: Virt, phys: Phys, shift: int, flags: int) -> None:
        """Map one page of 2 MiB (shift 21) or 1 GiB (30), whatever smaller ones were there."""
        at = self._table(virt, shift) + (virt >> shift & _INDEX) * 8
        was = self.ram.u64[at >> 3]
        self.ram.put64(at, phys | flags | arch.PTE_HUGE)
        if was & arch.PTE_PRESENT:
            self.forget()
        elif shift == 21:
            self.leaves.append(at >> 3)

    def never_written(self, virt: Virt) -> None:
        """Nothing in the 2 MiB around virt is written by the guest, ever: nobody has to look for dirty pages there."""
        self.leaves.remove((self._table(virt, 21) >> 3) + (virt >> 21 & _INDEX))

    def put_directory(self, virt: Virt, directory: Phys) -> None:
        """Let the caller fill in the 1 GiB around virt, where nothing is mapped: a zeroed table of 2 MiB entries."""
        self.ram.put64(self._table(virt, 30) + (virt >> 30 & _INDEX) * 8, directory | arch.TABLE)

    def unmap_page(self, virt: Virt) -> int:
        """Remove one page; the entry that was there, 0 for none."""
        at = self.leaf_table(virt) + (virt >> 9 & 0xFF8)
        was = self.ram.u64[at >> 3]
        if was:
            self._note_dirty((was,))
            self.ram.put64(at, 0)
            self._changed(virt, PAGE_SIZE)
        return was

    def unmap_range(self, virt: Virt, size: int) -> list[int]:
        """Remove the pages of size bytes; the entries that were there, one a page (0 for none). One flush for all."""
        entries: list[int] = []
        for at, count in self._spans(virt, size):
            entries += self.ram.u64[at >> 3 : (at >> 3) + count].tolist()
            self.ram.write(at, bytes(count * 8))
        if any(entries):
            self._note_dirty(entries)
            self._changed(virt, size)
        return entries

    def _note_dirty(self, entries: Iterable[int]) -> None:
        """Entries are about to be replaced: what the guest wrote through them is known to RAM from now on."""
        if self._marked:
            note = self.ram.written.add
            for entry in entries:
                if entry & _DIRTY:
                    note((entry & _PHYS) >> PAGE_SHIFT)

    def protect(self, virt: Virt, size: int, flags: int) -> None:
        """Change the flags of pages that are mapped; those that are not stay so."""
        for at, count in self._spans(virt, size):
            entries = self.ram.u64[at >> 3 : (at >> 3) + count].tolist()
            self._note_dirty(entries)
            changed = [entry & _PHYS | flags if entry & _PRESENT else entry for entry in entries]
            if changed != entries:
                self.ram.write(at, array("Q", changed).tobytes())
                self._changed(virt, size)

    def _changed(self, virt: Virt, size: int) -> None:
        readable, writable, cached = self.readable, self.writable, self.cached
        if size > 1 << 24:
            readable.clear()
            writable.clear()
        elif size > 1 << 21 or virt >> 21 in cached or virt + size >> 21 in cached:
            for page in range(virt >> PAGE_SHIFT, virt + size + PAGE_MASK >> PAGE_SHIFT):
                if page in readable:
                    del readable[page]
                if page in writable:
                    del writable[page]
        self.flush()

    def walk(self, virt: Virt) -> list[int]:
        """The entries on the way to virt, top level first, ending with the leaf or the first that is absent."""
        table, entries = self.root, []
        for shift in arch.LEVEL_SHIFTS:
            entry = self.ram.u64[(table >> 3) + (virt >> shift & _INDEX)]
            entries.append(entry)
            if not entry & arch.PTE_PRESENT or (shift in (30, 21) and entry & arch.PTE_HUGE):
                break
            table = entry & arch.PTE_PHYS
        return entries

    def lookup(self, virt: Virt) -> tuple[Phys, int]:
        """(phys, flags) of what virt maps to; (0, 0) where it is not mapped.

        flags: PTE_WRITE and PTE_NX as all levels together allow.
        """
        table = self.leaf_tables.get(virt >> 21)
        if table is not None:  # what leads to our own tables allows everything
            entry = self.ram.u64[(table >> 3) + (virt >> PAGE_SHIFT & _INDEX)]
            return (entry & _PHYS | virt & PAGE_MASK, entry & ~_PHYS) if entry & _PRESENT else (0, 0)
        if not arch.canonical(virt):
            return 0, 0
        u64, table, allowed, forbidden = self.ram.u64, self.root, arch.PTE_WRITE, 0
        for shift in arch.LEVEL_SHIFTS:
            entry = u64[(table >> 3) + (virt >> shift & _INDEX)]
            if not entry & arch.PTE_PRESENT:
                return 0, 0
            if shift == PAGE_SHIFT or (entry & arch.PTE_HUGE and shift < 39):
                break
            allowed &= entry
            forbidden |= entry & arch.PTE_NX
            table = entry & arch.PTE_PHYS
        flags = entry & ~arch.PTE_PHYS | forbidden
        phys = entry & arch.PTE_PHYS & -1 << shift | virt & (1 << shift) - 1
        return phys, flags if allowed else flags & ~arch.PTE_WRITE

    def forget_tables(self, tables: list[Phys]) -> None:
        """Drop what is cached of the pages that these tables map, after they were taken back to an earlier state."""
        for table in tables:
            key = self._keys.get(table)
            if key is None:
                key = self.key_of(table)
                if key is None:
                    self.forget()
                    return
                self._keys[table] = key
            for page in self.cached.pop(key, ()):
                self.readable.pop(page, None)
                self.writable.pop(page, None)
        self.flush()

    def forget(self) -> None:
        """Drop what is cached of the tables, after guest RAM was taken back to an earlier state."""
        self.readable.clear()
        self.writable.clear()
        self.cached.clear()
        self.leaf_tables.clear()
        self._keys.clear()
        self.flush()
