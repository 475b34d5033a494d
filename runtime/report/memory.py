"""What a run did to memory, as the plain data of --json: read from the machine's books, which count."""

from typing import Any

BOOKS = ("pages", "vmalloc", "percpu")
NOTHING = {"allocs": 0, "frees": 0, "bytes": 0, "peak_bytes": 0, "left": 0, "left_bytes": 0}


def report(books: Any) -> dict[str, Any]:
    """Counts of pages, kmalloc, slab, vmalloc, percpu; of each cache below by_cache; the caches that modules created.

    books: those of runtime.check.tally. Sizes in bytes, as the module asked for them.
    """
    found: dict[str, Any] = {kind: getattr(books, kind).counts[()].as_dict() for kind in BOOKS}
    slab = {path: count.as_dict() for path, count in books.slab.counts.items()}
    for kind in ("kmalloc", "slab"):
        found[kind] = slab.get((kind,), NOTHING)
    found["by_cache"] = {path[1]: row for path, row in slab.items() if len(path) > 1}
    found["caches"] = [cache_row(path, books.caches) for path in books.caches.counts if path]
    return found


def cache_row(path: tuple[str, ...], caches: Any) -> dict[str, Any]:
    """One cache that a module created. size: of a slot in its slabs; object_size: as the module asked for; in bytes."""
    cache, name, object_size, _ = caches.last[path]
    count = caches.counts[path]
    return {"name": name, "object_size": object_size, "size": cache.size, "order": cache.order,
            "objects_per_slab": cache.objects, "merged_with": cache.name if cache.name != name else None,
            "destroyed": count.allocs == count.frees}
