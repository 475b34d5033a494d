"""How memory lies: the blocks of each zone and the objects of each slab, taken from a live machine for the report.

Nothing is changed, and nothing is prepared for it while the guest runs: who does not ask pays nothing.
"""

from collections.abc import Iterator
from typing import Any

_PAGE_SHIFT = 12
_ORDERS = 11
SHOWN_SLABS = 48
Run = tuple[int, int, str, int]
"""(first pfn, pages, whose, order): order of a free block or of an allocation, -1 where it has none."""


def zones(k: Any) -> list[dict[str, Any]]:
    """Each zone that has memory, as runs of pages: [pfn, pages, whose, order].

    whose: "free", "slab NAME", "kmalloc", "pages" (alloc_pages() of a module), "vmalloc", "percpu", "module" (its code
    and data), "cpu list" (free pages that a CPU keeps), "kernel" for the rest of what was allocated, "reserved" since
    boot. Neighbours that are alike are one run; free blocks of the largest order, too. orders: free blocks by order, 0
    to 10.
    """
    owners = dict(sorted((pfn, (pages, whose, order)) for pfn, pages, whose, order in _owned(k)))
    return [_zone(zone, owners, k.nodes.free_ranges) for zone in k.nodes.populated]


def _zone(zone: Any, owners: dict[int, tuple[int, str, int]], usable: list[tuple[int, int]]) -> dict[str, Any]:
    end = zone.start + zone.spanned
    free = [(pfn, 1 << order, "free", order) for pfn, order, _ in zone.buddy.blocks()]
    used = [(pfn, *rest) for pfn, rest in owners.items() if zone.start <= pfn < end]
    orders = [0] * _ORDERS
    for _, _, _, order in free:
        orders[order] += 1
    return {
        "name": zone.name, "node": zone.nid, "start": zone.start, "pages": zone.spanned, "managed": zone.managed,
        "free": zone.free[0], "orders": orders,
        "runs": [list(run) for run in _merged(_filled(sorted(free + used), zone.start, end, usable))],
    }  # fmt: skip


def _owned(k: Any) -> Iterator[Run]:
    """What is known of pages that are not in a buddy."""
    for slab in k.slab.slab_at.values():
        yield slab.pfn, 1 << slab.order, f"slab {slab.cache.name}", slab.order
    for objp, (cache, size, _, _) in k.mm.books.slab.items():
        if cache is None:
            pages = 1 << max(0, (size - 1 >> _PAGE_SHIFT).bit_length())
            yield objp - k.mm.arch.PAGE_OFFSET >> _PAGE_SHIFT, pages, "kmalloc", pages.bit_length() - 1
    for pfn, (order, _, _) in k.mm.books.pages.items():
        yield pfn, 1 << order, "pages", order
    for area in k.vmalloc.areas.values():
        whose = "module" if area.start >= k.mm.arch.MODULES_VADDR else "vmalloc"
        yield from ((pfn, 1, whose, 0) for pfn in area.pfns if area.owned)
    for chunk in k.percpu.chunks:
        yield from ((pfn, 1, "percpu", 0) for pfn in chunk.pages.values())
    for zone in k.nodes.populated:
        for pcp in zone.pcp:
            yield from _listed(pcp.lists)


def _listed(lists: list[list[int]]) -> Iterator[Run]:
    """The pages of a CPU's lists: three lists an order from 0 to 3, then two of order 9."""
    for index, pfns in enumerate(lists):
        order = index // 3 if index < 12 else 9
        yield from ((pfn, 1 << order, "cpu list", order) for pfn in pfns)


def _filled(runs: list[Run], start: int, end: int, usable: list[tuple[int, int]]) -> Iterator[Run]:
    """The runs, and what lies between them."""
    at = start
    for run in runs:
        yield from _unknown(at, run[0], usable)
        if run[0] >= at:
            yield run
            at = run[0] + run[1]
    yield from _unknown(at, end, usable)


def _unknown(start: int, end: int, usable: list[tuple[int, int]]) -> Iterator[Run]:
    """Pages that nobody speaks for: the kernel's own where they could have been allocated, else reserved since boot."""
    for low, high in usable:
        if start < end and low < end and high > start:
            if start < low:
                yield start, low - start, "reserved", -1
                start = low
            yield start, min(end, high) - start, "kernel", -1
            start = min(end, high)
    if start < end:
        yield start, end - start, "reserved", -1


def _merged(runs: Iterator[Run]) -> list[Run]:
    """Neighbours that are alike as one; free blocks below the largest order stay apart, as the buddy has them."""
    made: list[Run] = []
    for run in runs:
        last = made[-1] if made else None
        alike = last is not None and last[2:] == run[2:] and last[0] + last[1] == run[0]
        if alike and last is not None and (run[2] != "free" or run[3] == _ORDERS - 1):
            made[-1] = (last[0], last[1] + run[1], run[2], run[3])
        else:
            made.append(run)
    return made


def slabs(k: Any) -> list[dict[str, Any]]:
    """Each cache that the modules created or have objects of, with a map of each of its slabs.

    created: the names that modules created it under; another name than the cache's: it was merged with that one.
    A map has a character for each slot: `#` an object of a module, `o` one of the kernel's own, `.` free.
    """
    live = k.mm.books.slab
    created: dict[int, list[str]] = {}
    for cache, name, *_ in k.mm.books.caches.values():
        created.setdefault(id(cache.lender or cache), []).append(name)
    asked = {id(cache.lender or cache) for cache, _, _, stack in live.values() if cache and stack}
    return [_cache(cache, live, created.get(id(cache), [])) for cache in k.slab.used_caches()
            if id(cache) in created or id(cache) in asked]  # fmt: skip


def _cache(cache: Any, live: dict[int, Any], created: list[str]) -> dict[str, Any]:
    maps = [_map(slab, live) for slab in sorted(cache.slabs.values(), key=lambda slab: slab.base)]
    return {
        "name": cache.name, "created": created, "size": cache.size, "object_size": cache.object_size,
        "order": cache.order, "objects": cache.objects, "slabs": maps[:SHOWN_SLABS],
        "more": max(0, len(maps) - SHOWN_SLABS),
        "live": sum(slab["map"].count("#") + slab["map"].count("o") for slab in maps),
        "total": sum(len(slab["map"]) for slab in maps),
    }  # fmt: skip


def _map(slab: Any, live: dict[int, Any]) -> dict[str, Any]:
    step = slab.cache.size
    slots = range(slab.start, slab.start + slab.objects * step, step)
    signs = ("." if objp not in live else "#" if live[objp][3] else "o" for objp in slots)
    return {"base": slab.base, "map": "".join(signs)}
