"""A very small guest: 16 MiB of RAM, page tables at 8 MiB, a page for code, one for data, a stack, a page of stubs."""

from collections.abc import Callable
from typing import Any

from runtime.arch import x86_64 as arch
from runtime.cpu.engine import Engine, Stop
from runtime.memory import Memory
from runtime.paging import PageTables
from runtime.ram import make_ram
from runtime.undo import Undo
from runtime.units import PAGE_SIZE, MiB

SIZE, TABLES = 16 * MiB, 8 * MiB
STUBS, STUBS_PHYS = arch.KERNEL_TEXT, 0x400000
CODE, CODE_PHYS = arch.MODULES_VADDR, 0x100000
DATA, DATA_PHYS, DATA_SIZE = arch.VMALLOC_START, 0x200000, 0x10000
STACK, STACK_PHYS, STACK_SIZE = arch.STACKS, 0x300000, arch.THREAD_SIZE
TOP = STACK + STACK_SIZE - 64
NOWHERE = DATA + 0x100000  # not mapped
NON_CANONICAL = 0x6B6B6B6B6B6B6B6B


class Space:
    """RAM and page tables without a processor. Pages for tables come from `next` on, and go back there in a rewind."""

    def __init__(self, journal: bool = False, size: int = SIZE, tables: int = TABLES) -> None:
        self.undo = Undo(journal)
        self.ram = make_ram(size, self.undo)
        self.next = tables
        self.undo.adopt(self)
        self.tables = PageTables(self.ram, self.allocate, self.undo)
        self.mem = Memory(self.ram, self.tables)
        self.writable = arch.KERNEL & ~arch.PTE_DIRTY if journal else arch.KERNEL

    def allocate(self) -> int:
        self.next += PAGE_SIZE
        return self.next - PAGE_SIZE


class Tiny(Space):
    """The same with a processor: put code, run it. trap: what each stub calls; by default the run ends there."""

    def __init__(self, journal: bool = False, trap: Callable[[], None] | None = None, **options: Any) -> None:
        super().__init__(journal)
        self.tables.map_range(STUBS, STUBS_PHYS, PAGE_SIZE, arch.KERNEL_ROX)
        self.tables.map_range(CODE, CODE_PHYS, 0x10000, arch.KERNEL_ROX)
        self.tables.map_range(DATA, DATA_PHYS, DATA_SIZE, self.writable)
        self.tables.map_range(STACK, STACK_PHYS, STACK_SIZE, self.writable)
        self.ram.fill(STUBS_PHYS, PAGE_SIZE, 0xC3)
        self.engine = Engine(self.ram, self.tables, (STUBS, STUBS + PAGE_SIZE - 1), **options)
        self.trap = trap or self.engine.stop
        self.engine.on_trap(lambda: self.trap())
        self.r = self.engine.r

    def put(self, code: str, at: int = CODE) -> int:
        """Write machine code; its virt."""
        self.ram.write(at - CODE + CODE_PHYS, bytes.fromhex(code))
        self.engine.flush_code()
        return at

    def set(self, **registers: int) -> None:
        for name, value in registers.items():
            self.r[arch.REGISTERS.index(name)] = value

    def get(self, name: str) -> int:
        return int(self.r[arch.REGISTERS.index(name)])

    def run(self, code: str, **registers: int) -> Stop:
        """Write code and run it, with a stack whose first `ret` goes to a stub, which ends the run."""
        rip = self.put(code)
        self.mem.put64(TOP, STUBS)
        self.set(**{"rsp": TOP, **registers})
        self.engine.begin()
        try:
            return self.engine.run(rip)
        finally:
            self.engine.end()
