"""The allocators of a machine with fences, wired as those of a machine without."""

from runtime.mm.context import Context
from runtime.mm.fence import Fences, Room
from runtime.mm.fence_pages import FencedNodes, FencedPages
from runtime.mm.fence_percpu import FencedPerCpu
from runtime.mm.fence_slab import FencedSlab
from runtime.mm.fence_vmalloc import FencedVmalloc
from runtime.mm.node import Ranges
from runtime.units import Phys


def allocators(
    ctx: Context, room: Room, side: str, ram: Ranges, reserved: Ranges, map_phys: Phys, nr_nodes: int, percpu_phys: Phys
) -> tuple[FencedNodes, FencedPages, FencedVmalloc, FencedPerCpu, FencedSlab]:
    """Nodes, pages, vmalloc, per-CPU, slab. ram, reserved, map_phys: as for Nodes. Who freed what is remembered."""
    ctx.fences = fences = Fences(ctx, room, side)
    nodes = FencedNodes(ctx, ram, reserved, map_phys, nr_nodes)
    nodes.fence(fences)
    pages = FencedPages(ctx, nodes, fences)
    vmalloc = FencedVmalloc(ctx, pages)
    percpu = FencedPerCpu(ctx, pages, vmalloc, percpu_phys, fences)
    slab, books = FencedSlab(ctx, pages, fences), ctx.books

    def verify() -> None:
        """Look at the red bytes of all that lives. Finding: out-of-bounds."""
        if slab.waiting:
            slab.settle()
        if books.slab:
            slab.verify()
        if books.percpu:
            percpu.verify()
        if books.vmalloc:
            vmalloc.verify()

    ctx.waiting, ctx.settle, ctx.verify = slab.waiting, slab.settle, verify
    ctx.keep_freed = True
    return nodes, pages, vmalloc, percpu, slab
