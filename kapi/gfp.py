"""gfp.h: pages from the buddy allocator, by struct page or by their address in the direct map.

Linux: mm/page_alloc.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import gfp_t, int_, page_p, pointer, size_t, unsigned_int, unsigned_long, void_p
from runtime.errors import GuestFault, Unsupported
from runtime.kernel import Kernel

nodemask_p = Annotated[int, pointer("nodemask")]
list_head_p = Annotated[int, pointer("list_head")]
page_pp = Annotated[int, pointer("page *")]
_START_KERNEL_MAP = 0xFFFFFFFF80000000
_MASK = (1 << 64) - 1


def page_of(k: Kernel, pfn: int | None) -> int:
    """struct page * of a frame, NULL for none."""
    pages = k.nodes.pages
    return 0 if pfn is None else pages.virt + pfn * pages.size


def pfn_of_page(k: Kernel, page: int) -> int:
    """The frame of a struct page *. Raises: GuestFault where there is no such struct page, as a read of it would."""
    nodes = k.nodes
    pfn = (page - nodes.pages.virt) // nodes.pages.size
    if not (0 <= pfn < nodes.end or nodes.exists(pfn)):
        k.mem.phys(page)
    return pfn


def pfn_of_virt(k: Kernel, virt: int) -> int:
    """virt_to_page(), as a frame. Raises: GuestFault where that struct page does not exist: it is no address in the
    direct map.
    """
    pfn = virt - k.pages.page_offset >> 12
    if 0 <= pfn < k.nodes.end or k.nodes.exists(pfn):
        return pfn
    base = _START_KERNEL_MAP - k.image.phys_base if virt >= _START_KERNEL_MAP else k.mm.arch.PAGE_OFFSET
    pfn = (virt - base & _MASK) >> 12
    if not k.nodes.exists(pfn):
        raise GuestFault(k.nodes.pages.page(pfn) & _MASK)
    return pfn


@export
def alloc_pages(k: Kernel, gfp: gfp_t, order: unsigned_int) -> page_p:
    """Allocate 2**order contiguous pages, aligned to their size.

    Return: NULL on scarcity; for order above 10 with a WARN, once, unless __GFP_NOWARN.
    Finding: sleep-in-atomic where gfp may sleep in atomic context.
    """
    return page_of(k, k.pages.alloc_pages(gfp, order))


@export
def __alloc_pages(k: Kernel, gfp: gfp_t, order: unsigned_int, preferred_nid: int_, nodemask: nodemask_p) -> page_p:
    return page_of(k, k.pages.alloc_pages(gfp, order, max(preferred_nid, 0)))


@export
def __folio_alloc(k: Kernel, gfp: gfp_t, order: unsigned_int, preferred_nid: int_, nodemask: nodemask_p) -> page_p:
    compound = k.abi.const["__GFP_COMP"]
    return page_of(k, k.pages.alloc_pages(gfp | compound, order, max(preferred_nid, 0)))


@export
def folio_alloc(k: Kernel, gfp: gfp_t, order: unsigned_int) -> page_p:
    """A folio: pages with one head. Return: NULL on scarcity."""
    return page_of(k, k.pages.alloc_pages(gfp | k.abi.const["__GFP_COMP"], order))


@export
def __free_pages(k: Kernel, page: page_p, order: unsigned_int) -> None:
    """Drop a reference to pages; the last one frees them. order: the one they were allocated with.

    Finding: double-free, invalid-free, mismatched-free (another order).
    """
    k.pages.free_pages(pfn_of_page(k, page), order)


@export
def __get_free_pages(k: Kernel, gfp_mask: gfp_t, order: unsigned_int) -> unsigned_long:
    """As alloc_pages(), by address; never from highmem. Return: 0 on scarcity."""
    pages = k.pages
    pfn = pages.alloc_pages(gfp_mask & pages.lowmem, order)
    return 0 if pfn is None else pages.page_offset + (pfn << 12)


@export
def get_zeroed_page(k: Kernel, gfp_mask: gfp_t) -> unsigned_long:
    """One page of zeros. Return: 0 on scarcity."""
    gfp = k.pages.gfp
    pfn = k.pages.alloc_pages((gfp_mask | gfp.ZERO) & ~gfp.HIGHMEM, 0)
    return 0 if pfn is None else k.pages.virt(pfn)


@export
def free_pages(k: Kernel, addr: unsigned_long, order: unsigned_int) -> None:
    """As __free_pages(), by address; 0 is ignored."""
    if addr:
        pages = k.pages
        pfn = addr - pages.page_offset >> 12  # what pfn_of_virt() nearly always says
        pages.free_pages(pfn if 0 <= pfn < k.nodes.end else pfn_of_virt(k, addr), order)


@export
def alloc_pages_exact(k: Kernel, size: size_t, gfp_mask: gfp_t) -> void_p:
    """size bytes in whole pages, not rounded up to a power of two. Return: NULL on scarcity."""
    if gfp_mask & (k.pages.gfp.COMP | k.pages.gfp.HIGHMEM):
        k.trouble.warn("alloc_pages_exact_comp")
    pfn = k.pages.alloc_pages_exact(size, gfp_mask)
    return 0 if pfn is None else k.pages.virt(pfn)


@export
def free_pages_exact(k: Kernel, virt: void_p, size: size_t) -> None:
    """Free what alloc_pages_exact() gave; size as it was given."""
    k.pages.free_pages_exact(pfn_of_virt(k, virt), size)


@export
def __alloc_pages_bulk(k: Kernel, gfp: gfp_t, preferred_nid: int_, nodemask: nodemask_p, nr_pages: int_,
                       page_list: list_head_p, page_array: page_pp) -> unsigned_long:  # fmt: skip
    """Fill the empty slots of page_array with single pages. Return: how many slots from the start are filled.

    Raises: Unsupported for the list form.
    """
    if not page_array:
        raise Unsupported("__alloc_pages_bulk() with a list: only with an array")
    filled = 0
    for slot in range(page_array, page_array + 8 * nr_pages, 8):
        if not k.mem.u64(slot):
            pfn = k.pages.alloc_pages(gfp, 0, max(preferred_nid, 0))
            if pfn is None:
                break
            k.mem.put64(slot, k.nodes.pages.page(pfn))
        filled += 1
    return filled


@export
def split_page(k: Kernel, page: page_p, order: unsigned_int) -> None:
    """Make 2**order single pages, each with a reference of its own, of pages that are not compound."""
    k.pages.split_page(pfn_of_page(k, page), order)


@export
def __folio_put(k: Kernel, folio: page_p) -> None:
    """Free a page whose reference count has dropped to 0: what put_page() calls."""
    k.pages.folio_put(pfn_of_page(k, folio))


@export_data(8)
def page_offset_base(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.mm.arch.PAGE_OFFSET)


@export_data(8)
def vmemmap_base(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.mm.arch.VMEMMAP_START)


@export_data(8)
def vmalloc_base(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.mm.arch.VMALLOC_START)


@export_data(8)
def phys_base(k: Kernel, at: int) -> None:
    """What __pa() of a kernel symbol adds: where the image lies, less where it was linked for."""
    k.mem.put64(at, k.image.phys_base)


@export_data(8)
def high_memory(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.mm.arch.PAGE_OFFSET + (k.nodes.end << 12))


@export_data(8)
def _totalram_pages(k: Kernel, at: int) -> None:
    k.mem.put64(at, sum(zone.managed for zone in k.nodes.populated))


@export_data(4096, align=4096)
def empty_zero_page(k: Kernel, at: int) -> None:
    k.mem.fill(at, 4096, 0)


@export_data(4)
def nr_node_ids(k: Kernel, at: int) -> None:
    k.mem.put32(at, k.nodes.nr_nodes)


@export_data(4, percpu=True)
def numa_node(k: Kernel, at: int) -> None:
    """The node of each CPU: round robin, as QEMU deals them out."""
    k.mem.put32(at, k.percpu.cpu_of(at) % k.nodes.nr_nodes)
