"""Per-CPU memory: a pointer p stands for one copy for each CPU, at base(cpu) + p.

The first chunk lies in the direct map, one unit for each CPU:

    static    the kernel's own variables, from offset 0 (the stack canary at 40, where compiled code expects it)
    reserved  DEFINE_PER_CPU of modules, 8 KiB: module code reaches only this far
    dynamic   alloc_percpu(), 28 KiB

More chunks come from the vmalloc range when it is full: as large as a unit, with the units at the same distance, all of
it dynamic. Pointers are then differences to the first chunk's address, as in Linux.

Invariant: allocations in a chunk do not overlap. Linux: mm/percpu.c, pcpu_alloc(), 6.1
"""

from runtime.errors import GuestFault
from runtime.mm.context import Context
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.percpu_chunk import Chunk
from runtime.mm.vmalloc import Vmalloc
from runtime.undo import put_key
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, KiB, Phys, Virt, page_align

STATIC_SIZE = 32 * KiB
_FIXED_DATA = 48  # struct fixed_percpu_data: the canary is its last word
_WARNINGS = 10
_MASK64 = 0xFFFFFFFFFFFFFFFF


def _unit_size(ctx: Context) -> int:
    const = ctx.abi.const
    return page_align(STATIC_SIZE + int(const["PERCPU_MODULE_RESERVE"]) + int(const["PERCPU_DYNAMIC_RESERVE"]))


class PerCpu:
    """alloc_percpu() and the areas of modules. phys: where the machine has reserved first_chunk_bytes()."""

    def __init__(self, ctx: Context, pages: PageAllocator, vmalloc: Vmalloc, phys: Phys) -> None:
        self.ctx, self.pa, self.vm, self.gfp = ctx, pages, vmalloc, pages.gfp
        const = ctx.abi.const
        self.unit_size = _unit_size(ctx)
        self.first: Virt = ctx.arch.PAGE_OFFSET + phys
        self._units = range(phys, phys + ctx.nr_cpus * self.unit_size, self.unit_size)  # of the first chunk
        self.min_alloc: int = const["PCPU_MIN_ALLOC_SIZE"]
        self.max_alloc: int = const["PCPU_MIN_UNIT_SIZE"]
        reserve, undo = int(const["PERCPU_MODULE_RESERVE"]), ctx.undo
        self.static = Chunk(undo, self.first, _FIXED_DATA, STATIC_SIZE)
        self.reserved = Chunk(undo, self.first, STATIC_SIZE, STATIC_SIZE + reserve)
        self.chunks: list[Chunk] = undo.list([Chunk(undo, self.first, STATIC_SIZE + reserve, self.unit_size)])
        self.books = ctx.books.percpu
        self.warnings: list[int] = undo.list([_WARNINGS])

    @staticmethod
    def first_chunk_bytes(ctx: Context) -> int:
        """What the machine has to reserve, for ctx.nr_cpus CPUs."""
        return _unit_size(ctx) * ctx.nr_cpus

    # Addresses
    def base(self, cpu: int) -> Virt:
        """__per_cpu_offset[cpu], and what that CPU has in GS."""
        return self.first + cpu * self.unit_size

    def address(self, pointer: int, cpu: int) -> Virt:
        """per_cpu_ptr(pointer, cpu)."""
        return self.base(cpu) + pointer & _MASK64

    def copies(self, pointer: int) -> list[Virt]:
        """The addresses of all CPUs' copies."""
        first, step = self.first + pointer, self.unit_size
        return [first + cpu * step & _MASK64 for cpu in range(self.ctx.nr_cpus)]

    def pointers(self, virt: Virt) -> list[int]:
        """The per-CPU pointers that virt would be a copy of, one for each CPU."""
        return [virt - self.base(cpu) & _MASK64 for cpu in range(self.ctx.nr_cpus)]

    def cpu_of(self, virt: Virt) -> int:
        """Whose copy an address of the first chunk belongs to."""
        return (virt - self.first) // self.unit_size

    # alloc_percpu
    def alloc(self, size: int, alignment: int, gfp: int | None = None) -> int:
        """Allocate size bytes for each CPU, cleared. size up to 32 KiB, alignment a power of two up to a page.

        Return: the per-CPU pointer; 0 on scarcity, an injected failure, or a size or alignment that is refused with a
        WARN.
        Finding: sleep-in-atomic.
        """
        ctx, gfp = self.ctx, self.gfp.KERNEL if gfp is None else gfp
        stack, quiet = ctx.stack(), gfp & self.gfp.NOWARN
        alignment = max(alignment, self.min_alloc)
        rounded = size + self.min_alloc - 1 & -self.min_alloc
        if not 0 < rounded <= self.max_alloc or alignment > PAGE_SIZE or alignment & alignment - 1:
            if not quiet:
                text = f"illegal size ({rounded}) or align ({alignment}) for percpu allocation"
                ctx.warn("pcpu_alloc", "mm/percpu.c", 1758, text)
            return 0
        sleeps = gfp & self.gfp.DIRECT_RECLAIM
        if sleeps and ctx.in_atomic():
            ctx.sleeping(gfp, "alloc_percpu()")
        if ctx.plan is not None and ctx.plan.fails("percpu", size, gfp, stack):
            return 0
        chunk, offset, error = self._find(rounded, alignment, gfp)
        if chunk is None:
            if sleeps and not quiet:
                self._failed(rounded, alignment, error)
            return 0
        pointer = chunk.base + offset - self.first & _MASK64
        if chunk.base == self.first:
            for unit in self._units:
                ctx.ram.write(unit + offset, bytes(rounded))
        else:
            for virt in self.copies(pointer):
                ctx.mem.fill(virt, rounded, 0)
        self.books[pointer] = (size, gfp, stack)
        return pointer

    def _find(self, size: int, alignment: int, gfp: int) -> tuple[Chunk | None, int, str]:
        sleeps = gfp & self.gfp.DIRECT_RECLAIM
        for chunk in self.chunks:
            offset = chunk.take(size, alignment)
            if offset < 0:
                continue
            if chunk.base == self.first or self._populate(chunk, offset, size, gfp if sleeps else 0):
                return chunk, offset, ""
            chunk.give(offset)
            if sleeps:
                return None, 0, "failed to populate"
        if not sleeps:
            return None, 0, "atomic alloc failed, no space left"
        base = self.vm.reserve(self.ctx.nr_cpus * self.unit_size, "vmalloc")
        if not base:
            return None, 0, "failed to allocate new chunk"
        self.chunks.append(Chunk(self.ctx.undo, base, 0, self.unit_size))
        return self._find(size, alignment, gfp)

    def _populate(self, chunk: Chunk, offset: int, size: int, gfp: int) -> bool:
        # Pages for what is not mapped yet; gfp 0: only look whether all is.
        for page in range(offset & ~PAGE_MASK, offset + size, PAGE_SIZE):
            for cpu in range(self.ctx.nr_cpus):
                virt = chunk.base + cpu * self.unit_size + page
                if virt in chunk.pages:
                    continue
                pfn = self.pa.get_pages(gfp | self.gfp.HIGHMEM, 0) if gfp else None
                if pfn is None:
                    return False
                chunk.pages[virt] = pfn
                self.ctx.tables.map_page(virt, pfn << PAGE_SHIFT, self.ctx.arch.KERNEL)
        return True

    def _failed(self, size: int, alignment: int, error: str) -> None:
        if not self.warnings[0]:
            return
        self.ctx.printk(4, f"percpu: allocation failed, size={size} align={alignment} atomic=0, {error}")
        self.ctx.dump_stack()
        self.warnings[0] -= 1
        if not self.warnings[0]:
            self.ctx.printk(6, "percpu: limit reached, disable warning")

    def free(self, pointer: int) -> None:
        """free_percpu(). Finding: invalid-free. Raises: GuestFault where Linux would oops, outside of all chunks."""
        if not pointer:
            return
        book, ctx = self.books, self.ctx
        record = ctx.books.pop(book, pointer, None)
        if record is not None:
            ctx.undo.noted((put_key, book, pointer, record))
        chunk = self._chunk_of(pointer)
        if record is None or chunk is None:
            old, where = self.ctx.books.freed.get(pointer, (None, None))
            what = "is free already" if old else "alloc_percpu() did not give, or what is free already"
            self.ctx.finding(
                "double-free" if old else "invalid-free", f"free_percpu() of what {what}",
                address=pointer, size=old[0] if old else 0, allocated=old and old[2], freed=where,
            )  # fmt: skip
            self._no_chunk(pointer)
            return
        if self.ctx.keep_freed:
            self.ctx.books.freed[pointer] = (record, self.ctx.stack())
        chunk.give(pointer - chunk.base + self.first & _MASK64)
        if not chunk.starts and chunk.base != self.first:
            self._retire(chunk)

    def _no_chunk(self, pointer: int) -> None:
        # Linux says nothing inside of a chunk. Elsewhere it looks for the chunk in struct page, and finds no page, or
        # no chunk.
        virt, offset = self.first + pointer & _MASK64, self.ctx.abi.offset
        if any(chunk.base <= virt < chunk.base + self.unit_size for chunk in self.chunks):
            return
        mapped = self.ctx.tables.lookup(virt)[1]
        raise GuestFault(offset("pcpu_chunk", "base_addr") if mapped else offset("page", "index"))

    def _chunk_of(self, pointer: int) -> Chunk | None:
        for chunk in self.chunks:
            offset = pointer - chunk.base + self.first & _MASK64
            if offset in chunk.starts:
                return chunk
        return None

    def _retire(self, chunk: Chunk) -> None:
        # One empty chunk is kept; another one goes.
        if any(not other.starts and other is not chunk and other.base != self.first for other in self.chunks):
            self.chunks.remove(chunk)
            for virt, pfn in list(chunk.pages.items()):
                self.ctx.tables.unmap_page(virt)
                self.pa.put_pages(pfn, 0)
            self.vm.remove(self.vm.areas[chunk.base], False)

    # Static variables of the kernel and of modules
    def static_alloc(self, size: int, alignment: int) -> int:
        """Room for a variable of the kernel. Return: its offset. Raises: MemoryError if the area is full."""
        offset = self.static.take(size, alignment)
        if offset < 0:
            raise MemoryError("the static per-CPU area is full")
        return offset

    def module_alloc(self, size: int, alignment: int) -> int:
        """Room for a module's .data..percpu. Return: its offset, 0 if the reserved area has no room."""
        return max(0, self.reserved.take(size, alignment))

    def module_free(self, offset: int) -> None:
        """Free what module_alloc() gave; 0 is nothing."""
        if offset:
            self.reserved.give(offset)

    def fill(self, offset: int, template: bytes) -> None:
        """Write initial values to the copies of all CPUs."""
        for virt in self.copies(offset):
            self.ctx.mem.write(virt, template)

    @property
    def pages(self) -> int:
        """Pages behind all chunks."""
        first = self.ctx.nr_cpus * self.unit_size >> PAGE_SHIFT
        return first + sum(len(chunk.pages) for chunk in self.chunks)

    def check(self) -> None:
        """Raises AssertionError where allocations overlap."""
        for chunk in (self.static, self.reserved, *self.chunks):
            chunk.check()
