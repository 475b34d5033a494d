"""The kernel's own image in the guest: stubs of its functions, pieces of guest code, variables.

Nothing is made before somebody imports it: an image of 2 MiB is reserved and mapped, its pages are touched one by one.
"""

from collections.abc import Callable

from runtime.arch import x86_64 as arch
from runtime.cpu.traps import STUB_SIZE, Stubs
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.symbols import Symbols
from runtime.undo import Undo
from runtime.units import PAGE_SIZE, Phys, Virt, align, page_align

_RET = 0xC3
_TRAP = b"\xcc"  # int3: what fills the space between two pieces of code


class KernelImage:
    """phys: where the image lies in RAM, 2 MiB."""

    def __init__(self, ram: Ram, tables: PageTables, undo: Undo, phys: Phys, symbols: Symbols) -> None:
        self.ram, self.tables, self.phys, self.symbols = ram, tables, phys, symbols
        self.stubs = Stubs(arch.KERNEL_TEXT, arch.STUBS_SIZE, undo)
        self._stub_end = arch.KERNEL_TEXT
        self._code_end, self._data_end = arch.KERNEL_CODE, arch.KERNEL_DATA
        text = arch.STUBS_SIZE + arch.KERNEL_CODE_SIZE
        tables.map_range(arch.KERNEL_TEXT, phys, text, arch.KERNEL_ROX)
        tables.never_written(arch.KERNEL_TEXT)
        writable = arch.KERNEL & ~arch.PTE_DIRTY if undo.journal else arch.KERNEL
        tables.map_range(arch.KERNEL_DATA, phys + text, arch.KERNEL_IMAGE_SIZE - text, writable)
        undo.adopt(self)

    def to_phys(self, virt: Virt) -> Phys:
        """Where a byte of the image lies in RAM."""
        return virt - arch.KERNEL_TEXT + self.phys

    @property
    def data_bytes(self) -> int:
        """How much of the variables' part is in use, from KERNEL_DATA on."""
        return self._data_end - arch.KERNEL_DATA

    @property
    def phys_base(self) -> int:
        """What turns a kernel address less __START_KERNEL_map into phys (mod 2**64)."""
        return self.phys - (arch.KERNEL_TEXT - arch.START_KERNEL_MAP) & arch.POINTER_MASK

    def function(self, name: str, trap: Callable[[], None]) -> Virt:
        """A kernel function in Python: a stub whose trap is called; its virt."""
        virt = self.stubs.add(trap)
        if virt >= self._stub_end:
            self.ram.fill(self.to_phys(self._stub_end), PAGE_SIZE, _RET)
            self._stub_end += PAGE_SIZE
        self.symbols.add(name, virt, STUB_SIZE)
        return virt

    def code(self, name: str, code: bytes) -> Virt:
        """A kernel function as guest code, in a page without traps; its virt."""
        virt = self._code_end
        size = align(len(code), STUB_SIZE)
        self._code_end += size
        self.ram.write(self.to_phys(virt), code.ljust(size, _TRAP))
        self.symbols.add(name, virt, size)
        return virt

    def variable(self, name: str, size: int, alignment: int = 8, page: bool = False) -> Virt:
        """A variable of the kernel, zero; its virt. page: nothing else lies on its pages."""
        virt = align(self._data_end, PAGE_SIZE if page else max(alignment, 8))
        self._data_end = virt + (page_align(size) if page else size)
        if self._data_end > arch.KERNEL_TEXT + arch.KERNEL_IMAGE_SIZE:
            raise MemoryError("the kernel's data is full")
        self.symbols.add(name, virt, align(size, STUB_SIZE))
        return virt
