"""mm.h: what the kernel says of a page, and of an address.

Linux: mm/util.c, mm/folio-compat.c, mm/memremap.c, arch/x86/mm/physaddr.c, 6.1
"""

from kapi.gfp import pfn_of_page
from kapi.registry import alias, export, export_data
from runtime.c import bool_, int_, page_p, unsigned_long
from runtime.errors import Unsupported
from runtime.kernel import Kernel

_START_KERNEL_MAP = 0xFFFFFFFF80000000
_KERNEL_IMAGE = 1 << 30


def section_of(k: Kernel, pfn: int) -> int:
    return pfn >> k.abi.const["SECTION_SIZE_BITS"] - 12


def pfn_valid(k: Kernel, pfn: int) -> bool:
    """Does the frame lie in a memory section that has RAM?"""
    return section_of(k, pfn) in sections(k)


def sections(k: Kernel) -> set[int]:
    """The memory sections, of 128 MiB, in which there are pages."""
    found: set[int] = set()
    for first, end in k.nodes.spans():
        found.update(range(section_of(k, first), section_of(k, end - 1) + 1))
    return found


@export
def __virt_addr_valid(k: Kernel, x: unsigned_long) -> bool_:
    """Is it an address of the direct map or of the kernel's image, with a struct page?"""
    if x >= _START_KERNEL_MAP:
        phys = x - _START_KERNEL_MAP + k.image.phys_base & k.mm.arch.POINTER_MASK
        return int(x - _START_KERNEL_MAP < _KERNEL_IMAGE and pfn_valid(k, phys >> 12))
    return int(x >= k.mm.arch.PAGE_OFFSET and pfn_valid(k, x - k.mm.arch.PAGE_OFFSET >> 12))


def _mapcount(k: Kernel, page: int, member: str = "_mapcount") -> int:
    """How often a page is mapped to user space, as its counter says, which starts at -1."""
    return k.mem.i32(page + k.abi.offset("page", member)) + 1


def _head(k: Kernel, page: int) -> int:
    pages = k.nodes.pages
    return pages.page(pages.compound_head(pfn_of_page(k, page)))


def _compound_mapcount(k: Kernel, head: int) -> int:
    return _mapcount(k, head + k.abi.sizeof("page"), "compound_mapcount")


@export
def __page_mapcount(k: Kernel, page: page_p) -> int_:
    """How often a page of a compound page is mapped to user space; of pages that are not anonymous, its own count."""
    count, head = _mapcount(k, page), _head(k, page)
    if not k.mem.u64(head + k.abi.offset("page", "mapping")) & k.abi.const["PAGE_MAPPING_ANON"]:
        return count
    return count + _compound_mapcount(k, head)


@export
def page_mapped(k: Kernel, page: page_p) -> bool_:
    """Is any part of the compound page mapped to user space?"""
    head, size = _head(k, page), k.abi.sizeof("page")
    order = k.nodes.pages.compound_order(k.nodes.pages.pfn(head))
    if order and _compound_mapcount(k, head) > 0:
        return 1
    return int(any(_mapcount(k, head + size * index) > 0 for index in range(1 << order)))


alias("folio_mapped", page_mapped)


@export
def __put_devmap_managed_page_refs(k: Kernel, page: page_p, refs: int_) -> bool_:
    """Called by put_page() of a page of a device's memory, of which there is none here. Raises: Unsupported."""
    raise Unsupported("pages of a device's own memory (ZONE_DEVICE)")


# Static keys, both off: is there memory of devices; are vmemmap pages of huge pages freed?


@export_data("static_key_false")
def devmap_managed_key(k: Kernel, at: int) -> None:
    k.mem.fill(at, k.abi.sizeof("static_key_false"), 0)


@export_data("static_key_false")
def hugetlb_optimize_vmemmap_key(k: Kernel, at: int) -> None:
    k.mem.fill(at, k.abi.sizeof("static_key_false"), 0)
