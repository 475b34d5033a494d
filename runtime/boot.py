"""Boot: RAM, page tables, allocators, the first task. Nothing here takes longer for more memory.

Where things lie in RAM: the kernel's image at 16 MiB (1 MiB on a machine that has less than 32); struct pages at the
top, the first per-CPU areas below them, as Linux allocates from the top while it boots. Page tables lie beyond RAM, so
that a machine that needs more of them has no less memory for it.
"""

from typing import TYPE_CHECKING

from runtime import abi
from runtime.arch import x86_64 as arch
from runtime.check.resources import Resources
from runtime.check.tally import count_books
from runtime.clock import Clock
from runtime.cmdline import Cmdline
from runtime.devices.core import Devices
from runtime.devices.misc import BOOT_NAMES
from runtime.directmap import DirectMap
from runtime.errors import Usage
from runtime.image import KernelImage
from runtime.kernel import Kernel
from runtime.memory import Memory
from runtime.mm.context import Context
from runtime.mm.node import Nodes, map_bytes
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.percpu import PerCpu
from runtime.mm.slab import SlabAllocator
from runtime.mm.vmalloc import Vmalloc
from runtime.paging import PageTables
from runtime.ram import make_ram
from runtime.rng import Rng
from runtime.symbols import Symbols
from runtime.undo import Undo
from runtime.units import PAGE_MASK, PAGE_SIZE, GiB, MiB, Phys, Virt, page_align, parse_size

if TYPE_CHECKING:
    from runtime.mm.fence_room import Room

_TABLES = 64 * MiB  # room for page tables besides those of the direct map


class Config:
    """What a machine is made of. memory: bytes, 16 MiB to 64 GiB; rewindable: it can be marked and taken back,
    but does not count (tally) what is allocated.

    fences: "right" or "left": each object lies at that end of a page of its own, next to one that is not mapped; ""
    for none. fill: the byte that memory holds which nobody has initialised; None: what it holds on Debian.
    """

    def __init__(
        self, memory: int | str = "256M", cpus: int = 2, nodes: int = 1, seed: int = 0, cmdline: str = "",
        strict: bool = False, rewindable: bool = False, tally: bool = False, fences: str = "", fill: int | None = None,
    ) -> None:  # fmt: skip
        self.memory = parse_size(memory) if isinstance(memory, str) else memory
        self.cpus, self.nodes, self.seed, self.strict = cpus, nodes, seed, strict
        self.rewindable, self.tally, self.fences, self.fill = rewindable, tally, fences, fill
        if fill is not None and not 0 <= fill <= 0xFF:
            raise Usage(f"memory filled with {fill}: a byte, 0 to 255, can be")
        if rewindable and tally:
            raise Usage("a machine that can be taken back does not count what is allocated: rewindable or tally")
        if fences not in ("", "left", "right"):
            raise Usage(f"fences on the {fences}: left or right")
        self.cmdline = Cmdline(cmdline)
        if not 16 * MiB <= self.memory <= 64 * GiB or self.memory % (2 * MiB):
            raise Usage(f"memory of {self.memory} bytes: 16M to 64G in steps of 2M is what can be emulated")
        if not 1 <= cpus <= 64:
            raise Usage(f"{cpus} CPUs: 1 to 64 can be emulated")
        if not 1 <= nodes <= 4 or self.memory // nodes < 16 * MiB:
            raise Usage(f"{nodes} nodes: 1 to 4 of at least 16M each can be emulated")


class TablePool:
    """Pages for page tables, zeroed, one after the other."""

    def __init__(self, first: Phys, end: Phys, undo: Undo) -> None:
        self.next, self.end = first, end
        undo.adopt(self)

    def allocate(self) -> Phys:
        """A page; its phys."""
        phys = self.next
        if phys >= self.end:
            raise MemoryError("no room is left for page tables")
        self.next = phys + PAGE_SIZE
        return phys


def boot(config: Config) -> Kernel:
    """A kernel with its memory management; the machine adds processor, modules and log."""
    k = Kernel()
    k.undo = undo = Undo(config.rewindable)
    k.abi, k.cmdline, k.random = abi.load(arch.ABI), config.cmdline, Rng(config.seed, undo)
    k.clock = Clock(undo, k.abi.const["HZ"])
    k.resources, k.devices = Resources(undo), Devices(undo, BOOT_NAMES)
    ranges = arch.ram_ranges(config.memory)
    top = ranges[-1][1]
    direct_room = DirectMap.room(top)
    k.tables_phys, fences = top, None
    if config.fences:
        from runtime.mm.fence_room import room_above

        fences = room_above(top, direct_room + _TABLES, k.abi.sizeof("page"))
        k.tables_phys = fences.tables
    pool_phys = k.tables_phys + direct_room
    k.ram = ram = make_ram(fences.end if fences else pool_phys + _TABLES, undo)
    pool = TablePool(pool_phys, pool_phys + _TABLES, undo)
    k.tables = tables = PageTables(ram, pool.allocate, undo)
    k.symbols = Symbols()
    direct = DirectMap(ram, tables, undo, top, k.tables_phys)
    k.mem = Memory(ram, tables)
    image = 16 * MiB if config.memory >= 32 * MiB else 1 * MiB
    k.image = KernelImage(ram, tables, undo, image, k.symbols)
    _memory_management(k, config, ranges, image, fences)
    k.mem.lazy = _lazy(k, direct, pool, ranges[-1][1], fences)
    return k


def _memory_management(
    k: Kernel, config: Config, ranges: list[tuple[int, int]], image: Phys, room: "Room | None"
) -> None:
    k.mm = ctx = Context(k.ram, k.undo, k.abi, k.mem, k.tables)
    ctx.cmdline, ctx.nr_cpus, ctx.random = config.cmdline, config.cpus, k.random
    if config.tally:
        count_books(ctx.books)
    map_size = map_bytes(ctx, ranges)
    map_phys = ranges[-1][1] - map_size
    percpu = map_phys - page_align(PerCpu.first_chunk_bytes(ctx))
    reserved = [(0, PAGE_SIZE), (image, image + arch.KERNEL_IMAGE_SIZE), (percpu, ranges[-1][1])]
    if room is not None:
        from runtime.mm.fenced import allocators

        k.nodes, k.pages, k.vmalloc, k.percpu, k.slab = allocators(
            ctx, room, config.fences, ranges, reserved, map_phys, config.nodes, percpu
        )
        return
    k.nodes = Nodes(ctx, ranges, reserved, map_phys, config.nodes)
    k.pages = PageAllocator(ctx, k.nodes)
    k.vmalloc = Vmalloc(ctx, k.pages)
    k.percpu = PerCpu(ctx, k.pages, k.vmalloc, percpu)
    k.slab = SlabAllocator(ctx, k.pages)


def _lazy(k: Kernel, direct: DirectMap, pool: TablePool, top: Phys, room: "Room | None"):  # type: ignore[no-untyped-def]
    """What is mapped when somebody first looks: struct pages, page tables (for who walks them), and on a rewindable
    machine the direct map.
    """
    first, last = arch.VMEMMAP_START, arch.VMEMMAP_START + map_bytes(k.mm, [(0, top)])

    def fill(virt: Virt) -> bool:
        """Map what is only filled in when somebody looks. Return: was there something to map?"""
        if first <= virt < last or (room and k.nodes.exists((virt - first) // k.nodes.pages.size)):
            k.nodes.pages.fill(virt)
            return True
        phys = virt - arch.PAGE_OFFSET
        if k.tables_phys <= phys < pool.next or (room and room.directories <= phys < room.end):
            k.tables.map_page(virt & ~PAGE_MASK, phys & ~PAGE_MASK, arch.KERNEL_RO)
            return True
        return direct.fill(virt)

    return fill
