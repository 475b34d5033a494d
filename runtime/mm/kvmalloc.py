"""kvmalloc(): kmalloc() if it can be had without trouble, vmalloc() otherwise.

Linux: mm/util.c, kvmalloc_node(), kvfree(), 6.1
"""

from runtime.mm.kmalloc import Kmalloc
from runtime.mm.vmalloc import INT_MAX, Vmalloc
from runtime.units import PAGE_SIZE, Virt


def kvmalloc(slab: Kmalloc, vm: Vmalloc, size: int, gfp: int) -> Virt:
    """Allocate size bytes. Return:

    0 on scarcity; no vmalloc() for a page or less, nor where the flags forbid to sleep.
    """
    flags, g = gfp, slab.gfp
    if size > PAGE_SIZE:
        flags |= g.NOWARN
        if not flags & g.RETRY_MAYFAIL:
            flags |= g.NORETRY
        flags &= ~g.NOFAIL
    virt = slab.kmalloc(size, flags)
    if virt or size <= PAGE_SIZE or not gfp & g.DIRECT_RECLAIM:
        return virt
    if size > INT_MAX:
        if not gfp & g.NOWARN:
            slab.ctx.warn_once("kvmalloc_node", "mm/util.c", 596)
        return 0
    return vm.vmalloc(size, gfp)


def kvfree(slab: Kmalloc, vm: Vmalloc, virt: Virt) -> None:
    """Free what kvmalloc(), kmalloc() or vmalloc() gave."""
    if vm.is_vmalloc_addr(virt):
        vm.vfree(virt)
    else:
        slab.kfree(virt)
