"""A little guest memory to test with: 16 pages at MODULE, mapped and writable."""

from struct import pack

from runtime.arch import x86_64 as arch
from runtime.memory import Memory
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.units import PAGE_SIZE

MODULE = arch.MODULES_VADDR + 0x201000
PAGES = 16


def memory() -> Memory:
    ram = Ram(4 << 20)
    free = iter(range(0x100000, 0x200000, PAGE_SIZE))
    tables = PageTables(ram, lambda: next(free))
    tables.map_range(MODULE, 0x200000, PAGES * PAGE_SIZE, arch.KERNEL)
    return Memory(ram, tables)


def displacement(virt: int, target: int) -> bytes:
    """A 32-bit displacement that lies at virt."""
    return pack("<i", target - virt)
