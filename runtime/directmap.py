"""The direct map: all of RAM at PAGE_OFFSET.

A machine that is never rewound maps it with 1 GiB pages, at once. One that is needs to know which pages the guest
writes, and so small pages; these are made 2 MiB at a time when the guest or Python first goes there. What is filled in
then is a function of the address alone: it is no change of state, is not journalled and stays when the machine is
rewound. Pages that are mapped or unmapped afterwards are changes, as everywhere.
"""

from array import array

from runtime.arch import x86_64 as arch
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.undo import Undo
from runtime.units import PAGE_SHIFT, PAGE_SIZE, GiB, MiB, Phys, Virt

_LEAF = arch.KERNEL & ~arch.PTE_DIRTY


class DirectMap:
    """size: bytes of RAM and of the holes in it. tables_phys: room for the tables of small pages, beyond RAM."""

    def __init__(self, ram: Ram, tables: PageTables, undo: Undo, size: int, tables_phys: Phys) -> None:
        self.ram, self.tables, self.size = ram, tables, size
        self._directories = tables_phys
        self._leaves = tables_phys + (size + GiB - 1) // GiB * PAGE_SIZE
        self._filled: set[int] = set()
        self._small = undo.journal
        if undo.journal:
            tables.fill = self.fill
        for start in range(0, size, GiB):
            if undo.journal:
                tables.put_directory(arch.PAGE_OFFSET + start, self._directories + start // GiB * PAGE_SIZE)
            else:
                tables.map_large(arch.PAGE_OFFSET + start, start, 30, arch.KERNEL)

    @staticmethod
    def room(size: int) -> int:
        """Bytes of tables that small pages for all of RAM would take."""
        return ((size + GiB - 1) // GiB + (size + 2 * MiB - 1) // (2 * MiB)) * PAGE_SIZE

    def fill(self, virt: Virt) -> bool:
        """Map the 2 MiB around virt in small pages. Return: False where virt is not RAM, or mapped."""
        phys = virt - arch.PAGE_OFFSET
        index = phys >> 21
        if not (self._small and 0 <= phys < self.size) or index in self._filled:
            return False
        self._filled.add(index)
        leaf, first = self._leaves + index * PAGE_SIZE, (index << 21) | _LEAF
        count = min(512, (self.size >> PAGE_SHIFT) - (index << 9))
        entries = array("Q", range(first, first + (count << PAGE_SHIFT), PAGE_SIZE))
        self.ram.u64[leaf >> 3 : (leaf >> 3) + count] = memoryview(entries)
        self.ram.initial[leaf >> PAGE_SHIFT] = entries.tobytes().ljust(PAGE_SIZE, b"\0")
        at = (self._directories >> 3) + index
        self.ram.u64[at] = self.tables.filled[at] = leaf | arch.TABLE
        return True
