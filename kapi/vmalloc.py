"""vmalloc.h: memory that is contiguous in virtual addresses only; kvmalloc(), which tries kmalloc() first.

Linux: mm/vmalloc.c, mm/util.c, 6.1
"""

from typing import Annotated

from kapi.gfp import page_of, pfn_of_page
from kapi.registry import alias, export, handed_to
from runtime.c import bool_, const_void_p, gfp_t, int_, page_p, pointer, size_t, unsigned_int, unsigned_long, void_p
from runtime.kernel import Kernel

page_pp = Annotated[int, pointer("page *")]


@export
@handed_to(lambda k: k.vmalloc.vmalloc)
def vmalloc(k: Kernel, size: unsigned_long) -> void_p:
    """Allocate size bytes, rounded up to pages, with a guard page behind them.

    Return: NULL on scarcity, for size 0 and for more than there is. Finding: sleep-in-atomic: it always may sleep.
    """
    return k.vmalloc.vmalloc(size)


@export
def vzalloc(k: Kernel, size: unsigned_long) -> void_p:
    """vmalloc() of zeros."""
    return k.vmalloc.vmalloc(size, k.pages.gfp.KERNEL | k.pages.gfp.ZERO)


@export
def vm_unmap_aliases(k: Kernel) -> None:
    """Flush what freed areas have left in TLBs; their addresses can be used again."""
    k.vmalloc.purge()


# Memory that is to be mapped to user space: nobody may see old contents in it.
alias("vmalloc_user", vzalloc)


@export
def vmalloc_32_user(k: Kernel, size: unsigned_long) -> void_p:
    """vmalloc_user() of pages below 4 GiB."""
    return k.vmalloc.vmalloc(size, k.abi.const["GFP_DMA32"] | k.pages.gfp.KERNEL | k.pages.gfp.ZERO)


@export
def vmalloc_node(k: Kernel, size: unsigned_long, node: int_) -> void_p:
    return k.vmalloc.vmalloc(size, nid=max(node, 0))


@export
def vzalloc_node(k: Kernel, size: unsigned_long, node: int_) -> void_p:
    return k.vmalloc.vmalloc(size, k.pages.gfp.KERNEL | k.pages.gfp.ZERO, nid=max(node, 0))


@export
def vmalloc_32(k: Kernel, size: unsigned_long) -> void_p:
    """vmalloc() of pages below 4 GiB."""
    return k.vmalloc.vmalloc(size, k.abi.const["GFP_DMA32"] | k.pages.gfp.KERNEL)


@export
def vmalloc_huge(k: Kernel, size: unsigned_long, gfp_mask: gfp_t) -> void_p:
    """vmalloc() that may use large pages; it uses small ones here, as Linux does where there is no large page."""
    return k.vmalloc.vmalloc(size, gfp_mask)


@export
def __vmalloc(k: Kernel, size: unsigned_long, gfp_mask: gfp_t) -> void_p:
    return k.vmalloc.vmalloc(size, gfp_mask)


@export
def vmalloc_array(k: Kernel, n: size_t, size: size_t) -> void_p:
    """vmalloc() of n times size bytes. Return: NULL also where the product overflows."""
    return k.vmalloc.vmalloc(n * size) if n * size < 1 << 64 else 0


@export
def __vmalloc_array(k: Kernel, n: size_t, size: size_t, flags: gfp_t) -> void_p:
    return k.vmalloc.vmalloc(n * size, flags) if n * size < 1 << 64 else 0


@export
def vcalloc(k: Kernel, n: size_t, size: size_t) -> void_p:
    """vmalloc_array() of zeros."""
    return __vmalloc_array(k, n, size, k.pages.gfp.KERNEL | k.pages.gfp.ZERO)


@export
def __vcalloc(k: Kernel, n: size_t, size: size_t, flags: gfp_t) -> void_p:
    return __vmalloc_array(k, n, size, flags | k.pages.gfp.ZERO)


@export
@handed_to(lambda k: k.vmalloc.vfree)
def vfree(k: Kernel, addr: const_void_p) -> None:
    """Free what vmalloc() gave; NULL is nothing. Finding: invalid-free, double-free."""
    k.vmalloc.vfree(addr)


@export
def vmap(k: Kernel, pages: page_pp, count: unsigned_int, flags: unsigned_long, prot: unsigned_long) -> void_p:
    """Map an array of pages side by side, never to be executed. prot: without _PAGE_RW they can only be read there.

    Return: NULL on scarcity.
    """
    put_pages = bool(flags & k.abi.const["VM_MAP_PUT_PAGES"])
    virt = k.vmalloc.vmap([pfn_of_page(k, k.mem.u64(pages + 8 * i)) for i in range(count)], put_pages)
    if virt and not prot & k.abi.const["_PAGE_RW"]:
        arch = k.mm.arch
        unseen = arch.PTE_DIRTY if k.undo.journal else 0  # a rewindable machine finds what was written by this bit
        k.tables.protect(virt, count * k.abi.const["PAGE_SIZE"], arch.KERNEL_RO & ~unseen)
    return virt


@export
def vunmap(k: Kernel, addr: const_void_p) -> None:
    """Undo vmap(); the pages stay."""
    if addr:
        k.vmalloc.vunmap(addr)


@export
def is_vmalloc_addr(k: Kernel, x: const_void_p) -> bool_:
    """Does the address lie in the vmalloc range?"""
    return int(k.vmalloc.is_vmalloc_addr(x))


@export
def vmalloc_to_page(k: Kernel, addr: const_void_p) -> page_p:
    """The page behind a vmalloc address. Return: NULL where nothing is mapped."""
    return page_of(k, k.vmalloc.to_pfn(addr))


@export
def vmalloc_to_pfn(k: Kernel, addr: const_void_p) -> unsigned_long:
    pfn = k.vmalloc.to_pfn(addr)
    return pfn if pfn is not None else k.nodes.pages.pfn(0)


@export
def kvmalloc_node(k: Kernel, size: size_t, flags: gfp_t, node: int_) -> void_p:
    """kmalloc() where that has memory, vmalloc() otherwise. Return: NULL on scarcity."""
    return k.kvmalloc(size, flags)


@export
def kvrealloc(k: Kernel, p: const_void_p, oldsize: size_t, newsize: size_t, flags: gfp_t) -> void_p:
    """Make an object of kvmalloc() larger; it moves. Return: its address; NULL on scarcity, the old object stays."""
    if oldsize >= newsize:
        return p
    new = k.kvmalloc(newsize, flags)
    if new:
        k.mem.write(new, k.mem.read(p, oldsize))
        k.kvfree(p)
    return new


@export
def kvfree(k: Kernel, addr: const_void_p) -> None:
    """Free what kvmalloc(), kmalloc() or vmalloc() gave."""
    k.kvfree(addr)


@export
def kvfree_sensitive(k: Kernel, addr: const_void_p, len: size_t) -> None:
    """Clear len bytes and free."""
    if addr:
        k.mem.fill(addr, len, 0)
        k.kvfree(addr)
