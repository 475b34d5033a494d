"""scatterlist.h: lists of pieces of memory. The two low bits of page_link say that an entry is the last (SG_END), or
that it leads to the next array (SG_CHAIN).

Linux: lib/scatterlist.c, 6.1
"""

from collections.abc import Iterator
from errno import EINVAL, ENOMEM
from typing import Annotated, Any

from kapi.gfp import page_of, pfn_of_page
from kapi.registry import export
from runtime.c import const_void_p, gfp_t, int_, pointer, size_t, u64, unsigned_int, void_p
from runtime.kernel import Kernel

scatterlist_p = Annotated[int, pointer("scatterlist")]
sg_table_p = Annotated[int, pointer("sg_table")]


def entry(k: Kernel, sg: int) -> Any:
    """A view of one struct scatterlist."""
    return k.abi.view("scatterlist")(k.mem, sg)


def page(k: Kernel, sg: int) -> int:
    """The struct page that a piece begins in."""
    return int(entry(k, sg).page_link) & ~k.abi.const["SG_PAGE_LINK_MASK"]


@export
def sg_next(k: Kernel, sg: scatterlist_p) -> scatterlist_p:
    """The entry behind one. Return: NULL behind the last."""
    const = k.abi.const
    if entry(k, sg).page_link & const["SG_END"]:
        return 0
    sg += k.abi.sizeof("scatterlist")
    link = entry(k, sg).page_link
    return int(link) & ~const["SG_PAGE_LINK_MASK"] if link & const["SG_CHAIN"] else sg


def entries(k: Kernel, sg: int, nents: int) -> Iterator[int]:
    """Up to nents entries."""
    while sg and nents:
        yield sg
        sg, nents = sg_next(k, sg), nents - 1


@export
def sg_nents(k: Kernel, sg: scatterlist_p) -> int_:
    """The number of entries up to the last one."""
    return sum(1 for _ in entries(k, sg, -1))


@export
def sg_nents_for_len(k: Kernel, sg: scatterlist_p, len: u64) -> int_:
    """How many entries hold len bytes. Return: -EINVAL where all together do not."""
    total = 0
    for count, at in enumerate(entries(k, sg, -1) if len else (), 1):
        total += entry(k, at).length
        if total >= len:
            return count
    return -EINVAL if len else 0


@export
def sg_last(k: Kernel, s: scatterlist_p, nents: unsigned_int) -> scatterlist_p:
    """The last of nents entries."""
    return list(entries(k, s, nents))[-1]


@export
def sg_init_table(k: Kernel, sgl: scatterlist_p, nents: unsigned_int) -> None:
    """Clear an array of entries, and make its last one the end."""
    size = k.abi.sizeof("scatterlist")
    k.mem.fill(sgl, size * nents, 0)
    entry(k, sgl + size * (nents - 1)).page_link = k.abi.const["SG_END"]


@export
def sg_init_one(k: Kernel, sg: scatterlist_p, buf: const_void_p, buflen: unsigned_int) -> None:
    """Make a list of one entry: a buffer in the direct map."""
    sg_init_table(k, sg, 1)
    view = entry(k, sg)
    pfn = k.pages.pfn_of(buf)
    view.page_link = page_of(k, pfn) | k.abi.const["SG_END"]
    view.offset, view.length = buf & k.abi.const["PAGE_SIZE"] - 1, buflen


# Tables: arrays of up to a page, chained


@export
def sg_alloc_table(k: Kernel, table: sg_table_p, nents: unsigned_int, gfp_mask: gfp_t) -> int_:
    """Make a list of nents empty entries. Return: 0; -EINVAL for none; -ENOMEM, and nothing is left."""
    view = k.abi.view("sg_table")(k.mem, table)
    view.sgl = view.nents = view.orig_nents = 0
    if not nents:
        return -EINVAL
    last = 0
    while nents:
        size = min(nents, k.abi.const["SG_MAX_SINGLE_ALLOC"])
        chunk = _alloc(k, size, gfp_mask)
        if not chunk:
            view.nents = view.orig_nents = view.orig_nents + bool(last)
            sg_free_table(k, table)
            return -ENOMEM
        sg_init_table(k, chunk, size)
        used = size - (nents > size)
        _append(k, view, last, chunk)
        view.nents = view.orig_nents = view.orig_nents + used
        last, nents = chunk + (size - 1) * k.abi.sizeof("scatterlist"), nents - used
    return 0


def _append(k: Kernel, table: Any, last: int, chunk: int) -> None:
    """Chain an array to the last entry of the one before."""
    if last:
        entry(k, last).page_link = chunk | k.abi.const["SG_CHAIN"]
    else:
        table.sgl = chunk


def _alloc(k: Kernel, count: int, gfp: int) -> int:
    if count < k.abi.const["SG_MAX_SINGLE_ALLOC"]:
        return k.slab.kmalloc(count * k.abi.sizeof("scatterlist"), gfp)
    pfn = k.pages.alloc_pages(gfp, 0)
    return k.pages.virt(pfn) if pfn is not None else 0


@export
def sg_free_table(k: Kernel, table: sg_table_p) -> None:
    """Free the arrays of a table; an empty one is nothing."""
    view = k.abi.view("sg_table")(k.mem, table)
    most, size = k.abi.const["SG_MAX_SINGLE_ALLOC"], k.abi.sizeof("scatterlist")
    chunk, left = view.sgl, view.orig_nents if view.sgl else 0
    while left:
        count, after = min(left, most), 0
        if left > most:
            after = entry(k, chunk + (most - 1) * size).page_link & ~k.abi.const["SG_PAGE_LINK_MASK"]
        if count == most:
            k.pages.free_pages(k.pages.pfn_of(chunk), 0)
        else:
            k.slab.kfree(chunk)
        left -= count - bool(after)
        chunk = after
    view.sgl = 0


# Copying


def _pieces(k: Kernel, sgl: int, nents: int, skip: int, size: int) -> Iterator[tuple[int, int]]:
    """(virt, length) of the pieces that hold size bytes behind the first skip bytes."""
    for at in entries(k, sgl, nents):
        view = entry(k, at)
        passed = min(skip, view.length)
        length = min(view.length - passed, size)
        skip, size = skip - passed, size - length
        if length:
            yield k.pages.virt(pfn_of_page(k, page(k, at))) + view.offset + passed, length


@export
def sg_pcopy_to_buffer(
    k: Kernel, sgl: scatterlist_p, nents: unsigned_int, buf: void_p, buflen: size_t, skip: size_t
) -> size_t:
    """Copy out of the list, from skip bytes on. Return: the number of bytes."""
    data = b"".join(k.mem.read(virt, length) for virt, length in _pieces(k, sgl, nents, skip, buflen))
    k.mem.write(buf, data)
    return len(data)


@export
def sg_copy_to_buffer(k: Kernel, sgl: scatterlist_p, nents: unsigned_int, buf: void_p, buflen: size_t) -> size_t:
    return sg_pcopy_to_buffer(k, sgl, nents, buf, buflen, 0)


@export
def sg_pcopy_from_buffer(
    k: Kernel, sgl: scatterlist_p, nents: unsigned_int, buf: const_void_p, buflen: size_t, skip: size_t
) -> size_t:
    """Copy into the list, from skip bytes on. Return: the number of bytes."""
    done = 0
    for virt, length in _pieces(k, sgl, nents, skip, buflen):
        k.mem.write(virt, k.mem.read(buf + done, length))
        done += length
    return done


@export
def sg_copy_from_buffer(
    k: Kernel, sgl: scatterlist_p, nents: unsigned_int, buf: const_void_p, buflen: size_t
) -> size_t:
    return sg_pcopy_from_buffer(k, sgl, nents, buf, buflen, 0)


@export
def sg_zero_buffer(k: Kernel, sgl: scatterlist_p, nents: unsigned_int, buflen: size_t, skip: size_t) -> size_t:
    """Clear buflen bytes of the list, from skip bytes on. Return: their number."""
    done = 0
    for virt, length in _pieces(k, sgl, nents, skip, buflen):
        k.mem.fill(virt, length, 0)
        done += length
    return done
