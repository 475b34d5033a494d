"""vmalloc(): memory that is contiguous in virtual addresses, from single pages that are not; vmap(); memory for
modules.

Every area is followed by a page that is not mapped.

Linux: mm/vmalloc.c, __vmalloc_node_range(), __vunmap(), s_show(); arch/x86/kernel/module.c, module_alloc(), 6.1
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from runtime.errors import KernelBug
from runtime.mm.context import Context, Stack
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.page_report import warn_alloc
from runtime.mm.vmap_space import VmapSpace
from runtime.undo import del_key, put_key
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Pfn, Phys, Virt, page_align

_FILE = "mm/vmalloc.c"
INT_MAX = 0x7FFFFFFF
_AT_ONCE = 256  # pages taken between two looks at whether the task is to die


class Area(NamedTuple):
    """size without the guard page; pfns: what is mapped; owned: its pages are freed with it; what:

    as /proc/vmallocinfo has it.
    """

    start: Virt
    size: int
    pfns: tuple[Pfn, ...]
    owned: bool
    what: str
    caller: int


class Vmalloc:
    """Areas of the vmalloc range, and of the range that modules are loaded to."""

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        self.ctx, self.pa, self.gfp, self._noted = ctx, pages, pages.gfp, ctx.undo.noted
        self.books, self._unmap_range, self._put_singles = ctx.books.vmalloc, ctx.tables.unmap_range, pages.put_singles
        arch = ctx.arch
        self.space = VmapSpace(ctx.undo, arch.VMALLOC_START, arch.VMALLOC_END & ~PAGE_MASK, ctx.nr_cpus)
        self.modules = VmapSpace(ctx.undo, arch.MODULES_VADDR, arch.MODULES_END, ctx.nr_cpus)
        self.areas: dict[Virt, Area] = ctx.undo.dict()
        # On a machine that is marked D is set by what the guest writes.
        self._writable = arch.KERNEL & ~arch.PTE_DIRTY if ctx.undo.journal else arch.KERNEL
        self.total_pages = sum(zone.managed for zone in pages.nodes.populated)
        ctx.tables.leaf_table(self.space.start)  # Linux has mapped its stacks there when the first module comes

    # vmalloc
    def vmalloc(self, size: int, gfp: int | None = None, alignment: int = PAGE_SIZE, nid: int = 0) -> Virt:
        """Allocate size bytes, rounded up to whole pages. gfp: GFP_KERNEL if none is given; the pages may come from any
        zone.

        Return: 0 on scarcity or an injected failure; also for size 0 (a WARN once a boot) and for more than there is.
        Finding: sleep-in-atomic: it always may sleep. Raises: KernelBug in interrupt context.
        """
        ctx, gfp = self.ctx, self.gfp.KERNEL if gfp is None else gfp
        stack = ctx.stack()
        if not size:
            ctx.warn_once("__vmalloc_node_range", _FILE, 3227)
            return 0
        if size >> PAGE_SHIFT > self.total_pages:
            warn_alloc(ctx, self.pa, gfp, f"vmalloc error: size {size}, exceeds total pages")
            return 0
        if ctx.in_atomic():
            if ctx.in_interrupt():
                raise KernelBug("vmalloc_in_interrupt")
            ctx.sleeping(gfp, "vmalloc()")
        if ctx.plan is not None and ctx.plan.fails("vmalloc", size, gfp, stack):
            return 0
        virt = self._allocate(self.space, size, gfp, max(alignment, PAGE_SIZE), nid, stack)
        if virt:
            self.books[virt] = (size, gfp, stack)
        return virt

    def _allocate(self, space: VmapSpace, size: int, gfp: int, alignment: int, nid: int, stack: Stack) -> Virt:
        virt, size = self._take(space, size, alignment, gfp), page_align(size)
        if not virt:
            return 0
        pfns = self._pages(size >> PAGE_SHIFT, gfp, nid)
        if pfns is None:
            space.give(virt)
            return 0
        self._map(Area(virt, size, tuple(pfns), True, "vmalloc", stack[0] if stack else 0))
        return virt

    def _take(self, space: VmapSpace, size: int, alignment: int, gfp: int) -> Virt:
        full = page_align(size) + PAGE_SIZE
        virt = space.take(full, alignment)
        if not virt:
            if not gfp & self.gfp.NOWARN and self.ctx.ratelimited("vmap allocation", 5, 10):
                self.ctx.printk(4, f"vmap allocation for size {full} failed: use vmalloc=<size> to increase size")
            warn_alloc(self.ctx, self.pa, gfp, f"vmalloc error: size {size}, vm_struct allocation failed")
        return virt

    def _pages(self, count: int, gfp: int, nid: int) -> list[Pfn] | None:
        flags = gfp | self.gfp.NOWARN
        if not gfp & (self.gfp.DMA | self.gfp.DMA32):
            flags |= self.gfp.HIGHMEM
        got: list[Pfn] = []
        while len(got) < count and not self.ctx.fatal_signal_pending():
            more = self.pa.get_singles(flags, min(count - len(got), _AT_ONCE), nid)
            got += more
            if not more:
                break
        if len(got) == count:
            return got
        if not self.ctx.fatal_signal_pending():
            what = f"vmalloc error: size {len(got) * PAGE_SIZE}, page order 0, failed to allocate pages"
            warn_alloc(self.ctx, self.pa, gfp, what)
        if got:
            self.pa.put_singles(got)
        return None

    def _map(self, area: Area) -> None:
        self.ctx.tables.map_pages(area.start, [pfn << PAGE_SHIFT for pfn in area.pfns], self._writable)
        self.areas[area.start] = area

    def vfree(self, virt: Virt) -> None:
        """Free an area by an address in it; NULL is nothing.

        Finding: invalid-free, double-free, mismatched-free: Linux WARNs. In interrupt context it is freed a little
        later.
        """
        if not virt:
            return
        ctx = self.ctx
        if ctx.in_atomic():
            if ctx.in_nmi():
                raise KernelBug("vfree_in_nmi")
            if not ctx.in_interrupt():
                ctx.sleeping(self.gfp.KERNEL, "vfree()")
        self._unmap(virt, True, "vfree()")

    def vunmap(self, virt: Virt) -> None:
        """Take back a vmap(); its pages stay with their owner. Raises: KernelBug in interrupt context."""
        if self.ctx.in_interrupt():
            raise KernelBug("vunmap_in_interrupt")
        if virt:
            self._unmap(virt, False, "vunmap()")

    def _unmap(self, virt: Virt, free_pages: bool, what: str) -> None:
        area = self.areas.get(virt) or self.area(virt)
        if virt & PAGE_MASK or area is None:
            self._nothing_there(virt, what)
            return
        book, ctx = self.books, self.ctx
        record = ctx.books.pop(book, area.start, None)
        if record is not None:
            self._noted((put_key, book, area.start, record))
            if ctx.keep_freed:
                ctx.books.freed[area.start] = (record, ctx.stack())
        self.remove(area, free_pages and area.owned)

    def remove(self, area: Area, free_pages: bool) -> None:
        """Unmap an area and give its addresses back."""
        start, pfns = area.start, area.pfns
        if pfns:
            self._unmap_range(start, len(pfns) << PAGE_SHIFT)
            if free_pages:
                self._put_singles(pfns)
        del_key(self.areas, start)
        self._noted((put_key, self.areas, start, area))
        (self.modules if start >= self.modules.start else self.space).give(start)

    def _nothing_there(self, virt: Virt, what: str) -> None:
        ctx = self.ctx
        record, where = ctx.books.freed.get(virt, (None, None))
        lazy = any(start <= virt < end for start, end, _ in self.space.lazy)
        live = ctx.books.slab.get(virt)
        kind = "double-free" if lazy and not virt & PAGE_MASK else "mismatched-free" if live else "invalid-free"
        text = {"double-free": "of an area that is freed already", "mismatched-free": "of memory that kmalloc() gave"}
        ctx.finding(
            kind, f"{what} {text.get(kind, 'of an address that is not the start of an area')}",
            address=virt, allocated=live[3] if live else record and record[2], freed=where,
        )  # fmt: skip
        if virt & PAGE_MASK:
            ctx.warn("__vunmap", _FILE, 2752, f"Trying to vfree() bad address ({ctx.hashed(virt)})")
        else:
            ctx.warn("__vunmap", _FILE, 2758, f"Trying to vfree() nonexistent vm area ({ctx.hashed(virt)})")

    # vmap
    def vmap(self, pfns: Sequence[Pfn], owned: bool = False) -> Virt:
        """Map pages side by side. owned (VM_MAP_PUT_PAGES): vfree() drops a reference of each.

        Return: 0 if there is no room. Raises: KernelBug in interrupt context.
        """
        ctx, size = self.ctx, len(pfns) << PAGE_SHIFT
        stack = ctx.stack()
        if ctx.in_atomic():
            ctx.sleeping(self.gfp.KERNEL, "vmap()")
        if not pfns or len(pfns) > self.total_pages:
            return 0
        if ctx.in_interrupt():
            raise KernelBug("vmalloc_in_interrupt")
        if ctx.plan is not None and ctx.plan.fails("vmalloc", size, self.gfp.KERNEL, stack):
            return 0
        virt = self._take(self.space, size, PAGE_SIZE, self.gfp.KERNEL)
        if virt:
            self._map(Area(virt, size, tuple(pfns), owned, "vmap", stack[0] if stack else 0))
            self.books[virt] = (size, self.gfp.KERNEL, stack)
        return virt

    def purge(self) -> None:
        """Make the addresses of all freed areas usable at once. Linux: __purge_vmap_area_lazy(), 6.1"""
        self.space.purge()
        self.modules.purge()

    def reserve(self, size: int, what: str) -> Virt:
        """Addresses for somebody who maps them himself. Return: 0 if there is no room."""
        virt = self.space.take(page_align(size) + PAGE_SIZE)
        if virt:
            stack = self.ctx.stack()
            self.areas[virt] = Area(virt, page_align(size), (), False, what, stack[0] if stack else 0)
        return virt

    # Modules
    def module_alloc(self, size: int) -> Virt:
        """Memory for a module's code and data in the top 2 GiB, cleared, writable. Return: 0 on scarcity."""
        virt = self._allocate(self.modules, size, self.gfp.KERNEL, PAGE_SIZE, 0, ())
        if virt and self.ctx.fill is not None:
            self.ctx.mem.fill(virt, page_align(size), 0)
        return virt

    def module_free(self, virt: Virt) -> None:
        """Free what module_alloc() gave; 0 is nothing."""
        if virt:
            self.remove(self.areas[virt], True)

    def module_vacate(self, virt: Virt) -> None:
        """Free the pages of module_alloc(), and keep the addresses: they tell who allocated what until the module goes.

        Linux hands the addresses of a module's init part to the next module.
        """
        area = self.areas[virt]
        if area.pfns:
            self._unmap_range(virt, len(area.pfns) << PAGE_SHIFT)
            self._put_singles(area.pfns)
        self.areas[virt] = Area(virt, area.size, (), area.owned, area.what, area.caller)

    # Looking things up
    def area(self, virt: Virt) -> Area | None:
        """The area that an address is in, its guard page included."""
        area = self.areas.get(virt)
        if area is not None:
            return area
        space = self.modules if virt >= self.modules.start else self.space
        index = bisect_right(space.starts, virt) - 1
        area = self.areas.get(space.starts[index]) if index >= 0 else None
        return area if area is not None and virt < area.start + area.size + PAGE_SIZE else None

    def is_vmalloc_addr(self, virt: Virt) -> bool:
        """Is this an address of the vmalloc range, allocated or not?"""
        return self.space.start <= virt < self.space.end

    def to_pfn(self, virt: Virt) -> Pfn | None:
        """vmalloc_to_pfn(), by the page tables; None where nothing is mapped."""
        phys: Phys
        phys, flags = self.ctx.tables.lookup(virt)
        return phys >> PAGE_SHIFT if flags else None

    @property
    def used_pages(self) -> int:
        """Pages in areas that own them."""
        return sum(len(area.pfns) for area in self.areas.values() if area.owned)

    def proc_text(self) -> str:
        """/proc/vmallocinfo."""
        return "".join(self._line(self.areas[start]) + "\n" for start in sorted(self.areas))

    def _line(self, area: Area) -> str:
        ctx, full = self.ctx, area.size + PAGE_SIZE
        text = f"0x{ctx.hashed(area.start)}-0x{ctx.hashed(area.start + full)} {full:7d}"
        if area.caller:
            text += f" {ctx.symbol(area.caller)}"
        if not area.owned:
            return f"{text} {area.what}"
        nids = [self.pa.nodes.zone(pfn).nid for pfn in area.pfns]
        nodes = "".join(f" N{nid}={nids.count(nid)}" for nid in sorted(set(nids)))
        return f"{text} pages={len(area.pfns)} {area.what}{nodes}"

    def check(self) -> None:
        """Raises AssertionError where areas overlap or page tables say something else."""
        self.space.check()
        self.modules.check()
        for area in self.areas.values():
            for index, pfn in enumerate(area.pfns):
                assert self.to_pfn(area.start + (index << PAGE_SHIFT)) == pfn
            assert self.to_pfn(area.start + area.size) is None, "guard page is mapped"
