"""scatterlist.h, sg_mapping_iter and sg_page_iter: page by page through a list. Here each page has an address in the
direct map, so that mapping one is finding that.

Linux: lib/scatterlist.c, 6.1
"""

from typing import Annotated, Any

from kapi.gfp import pfn_of_page
from kapi.registry import export
from kapi.scatterlist import entry, page, scatterlist_p, sg_next
from runtime.c import bool_, loff_t, pointer, unsigned_int, unsigned_long
from runtime.kernel import Kernel

page_iter_p = Annotated[int, pointer("sg_page_iter")]
mapping_iter_p = Annotated[int, pointer("sg_mapping_iter")]


def _miter(k: Kernel, miter: int) -> Any:
    return k.abi.view("sg_mapping_iter")(k.mem, miter)


@export
def __sg_page_iter_start(
    k: Kernel, piter: page_iter_p, sglist: scatterlist_p, nents: unsigned_int, pgoffset: unsigned_long
) -> None:
    """Stand before page pgoffset of a list."""
    view = k.abi.view("sg_page_iter")(k.mem, piter)
    view.sg, view.sg_pgoffset, view.__nents, view.__pg_advance = sglist, pgoffset, nents, 0


@export
def __sg_page_iter_next(k: Kernel, piter: page_iter_p) -> bool_:
    """Go to the next page. Return: is there one?"""
    view = k.abi.view("sg_page_iter")(k.mem, piter)
    left, at, number = view.__nents, view.sg, view.sg_pgoffset + view.__pg_advance
    if not left or not at:
        return 0
    view.__pg_advance = 1
    while at and left and number >= (pages := _pages(k, at)):
        number, at, left = number - pages, sg_next(k, at), left - 1
    view.sg, view.sg_pgoffset, view.__nents = at, number, left
    return bool(at and left)


def _pages(k: Kernel, sg: int) -> int:
    view, size = entry(k, sg), k.abi.const["PAGE_SIZE"]
    return -(-(int(view.offset) + int(view.length)) // size)


@export
def sg_miter_start(
    k: Kernel, miter: mapping_iter_p, sgl: scatterlist_p, nents: unsigned_int, flags: unsigned_int
) -> None:
    """flags: SG_MITER_TO_SG or SG_MITER_FROM_SG, and SG_MITER_ATOMIC."""
    k.mem.fill(miter, k.abi.sizeof("sg_mapping_iter"), 0)
    __sg_page_iter_start(k, miter + k.abi.offset("sg_mapping_iter", "piter"), sgl, nents, 0)
    _miter(k, miter).__flags = flags


def _next_page(k: Kernel, miter: int) -> bool:
    """See to it that bytes remain on the page where the iterator is."""
    view, size = _miter(k, miter), k.abi.const["PAGE_SIZE"]
    if view.__remaining:
        return True
    if not __sg_page_iter_next(k, miter + k.abi.offset("sg_mapping_iter", "piter")):
        return False
    place, piece = view.piter, entry(k, view.piter.sg)
    begin = 0 if place.sg_pgoffset else piece.offset
    place.sg_pgoffset = place.sg_pgoffset + begin // size
    begin %= size
    view.__offset = begin
    view.__remaining = min(piece.offset + piece.length - place.sg_pgoffset * size - begin, size - begin)
    return True


@export
def sg_miter_next(k: Kernel, miter: mapping_iter_p) -> bool_:
    """Map what remains of the page, or the next one: page, addr, length. Return: is there one?

    With SG_MITER_ATOMIC preemption and page faults stay off until sg_miter_stop() or the next call.
    """
    sg_miter_stop(k, miter)
    if not _next_page(k, miter):
        return 0
    view = _miter(k, miter)
    number = view.piter.sg_pgoffset
    view.page = page(k, view.piter.sg) + number * k.abi.sizeof("page")
    view.consumed = view.length = view.__remaining
    _disable(k, view, 1)
    view.addr = k.pages.virt(pfn_of_page(k, view.page)) + view.__offset
    return 1


def _disable(k: Kernel, view: Any, levels: int) -> None:
    """kmap_atomic() turns preemption and page faults off, kunmap_atomic() on."""
    if view.__flags & k.abi.const["SG_MITER_ATOMIC"]:
        k.cpu.preempt_count += levels
        at = k.current.struct + k.abi.offset("task_struct", "pagefault_disabled")
        k.mem.put32(at, k.mem.u32(at) + levels)


@export
def sg_miter_stop(k: Kernel, miter: mapping_iter_p) -> None:
    """Unmap; consumed: how many of the bytes the caller has done with."""
    view = _miter(k, miter)
    if view.addr:
        view.__offset, view.__remaining = view.__offset + view.consumed, view.__remaining - view.consumed
        _disable(k, view, -1)
        view.page = view.addr = view.length = view.consumed = 0


@export
def sg_miter_skip(k: Kernel, miter: mapping_iter_p, offset: loff_t) -> bool_:
    """Pass offset bytes. Return: does the list reach so far?"""
    sg_miter_stop(k, miter)
    while offset:
        if not _next_page(k, miter):
            return 0
        view = _miter(k, miter)
        passed = min(offset, view.__remaining)
        view.__offset, view.__remaining = view.__offset + passed, view.__remaining - passed
        offset -= passed
    return 1
