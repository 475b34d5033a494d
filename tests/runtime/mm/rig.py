"""A machine without a CPU: guest RAM, page tables and the allocators, as the real one wires them."""

from typing import Any

from runtime.abi import load
from runtime.arch import x86_64
from runtime.memory import Memory
from runtime.mm.context import Context
from runtime.mm.node import Nodes, map_bytes
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.percpu import PerCpu
from runtime.mm.slab import SlabAllocator
from runtime.mm.vmalloc import Vmalloc
from runtime.paging import PageTables
from runtime.ram import make_ram
from runtime.undo import Undo
from runtime.units import PAGE_SIZE, MiB

KERNEL_IMAGE = (16 * MiB, 20 * MiB)
TABLES = (1 * MiB, 2 * MiB)
PERCPU = 5 * MiB
ABI = load("linux-6.1-x86_64")


class Recorder(Context):
    """Notes what the allocators tell the machine."""

    def prepare(self) -> None:
        self.log: list[str] = []
        self.findings: list[tuple[str, str]] = []
        self.details: list[dict[str, Any]] = []
        self.warnings: list[tuple[str, str, int]] = []
        self.frames: tuple[int, ...] = (1, 2, 3, 4, 5)
        self.atomic = self.interrupt = False
        self.ticks = 0
        self.stack = lambda: self.frames
        self.in_atomic = lambda: self.atomic
        self.in_interrupt = lambda: self.interrupt
        self.printk = lambda level, text: self.log.extend(text.split("\n"))
        self.dump_stack = lambda above="": self.log.extend([above] if above else [])
        self.finding = self.note_finding
        self.warn = lambda function, file, line, message: self.warnings.append((function, file, line))
        self.jiffies = lambda: self.ticks

    def note_finding(self, kind: str, message: str, **details: Any) -> None:
        self.findings.append((kind, message))
        self.details.append(details)


def make_context(
    size: int, journal: bool = False, cmdline: dict[str, str] | None = None, nr_cpus: int = 2, ram_size: int = 0
) -> Recorder:
    """ram_size: with what lies beyond the RAM that the allocators know."""
    undo = Undo(journal)
    ram_ranges = x86_64.ram_ranges(size)
    ram = make_ram(ram_size or ram_ranges[-1][1], undo)
    next_table = iter(range(*TABLES, PAGE_SIZE))
    tables = PageTables(ram, lambda: next(next_table))
    tables.map_large(x86_64.PAGE_OFFSET, 0, 30, x86_64.KERNEL)
    ctx = Recorder(ram, undo, ABI, Memory(ram, tables), tables)
    ctx.prepare()
    ctx.cmdline, ctx.nr_cpus = cmdline or {}, nr_cpus
    return ctx


def make_pages(ctx: Context, size: int, nr_nodes: int = 1) -> PageAllocator:
    ram_ranges = x86_64.ram_ranges(size)
    top, need = ram_ranges[-1][1], map_bytes(ctx, ram_ranges)
    kernel = (2 * MiB, 4 * MiB) if size < KERNEL_IMAGE[1] * 2 else KERNEL_IMAGE
    reserved = [(0, 64 * 1024), TABLES, kernel, (PERCPU, PERCPU + MiB), (top - need, top)]
    nodes = Nodes(ctx, ram_ranges, reserved, top - need, nr_nodes)

    def lazy(virt: int) -> bool:
        inside = x86_64.VMEMMAP_START <= virt < x86_64.VMEMMAP_START + need
        if inside:
            nodes.pages.fill(virt)
        return inside

    ctx.mem.lazy = lazy
    return PageAllocator(ctx, nodes)


class Rig:
    """Everything, on one machine."""

    def __init__(self, size: int = 64 * MiB, nr_nodes: int = 1, **options: Any) -> None:
        self.ctx = make_context(size, **options)
        self.pages = make_pages(self.ctx, size, nr_nodes)
        self.slab = SlabAllocator(self.ctx, self.pages)
        self.vmalloc = Vmalloc(self.ctx, self.pages)
        self.percpu = PerCpu(self.ctx, self.pages, self.vmalloc, PERCPU)

    def check(self) -> None:
        """All invariants."""
        self.pages.check()
        self.slab.check()
        self.vmalloc.check()
        self.percpu.check()

    def page_words(self, pfn: int) -> Any:
        """struct page as the guest reads it."""
        return ABI.view("page")(self.ctx.mem, self.pages.pages.page(pfn))
