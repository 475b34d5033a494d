"""What a run did to memory, in about ten lines. Input is the "memory" dict of --json."""

from collections.abc import Iterator
from typing import Any

from runtime.report.style import Style, in_bytes, plural

KINDS = {"pages": "pages", "kmalloc": "kmalloc", "vmalloc": "vmalloc", "percpu": "per-CPU"}
COLUMNS = ("allocated", "freed", "at most", "left")
SHOWN_CACHES = 6


def memory_lines(memory: dict[str, Any], style: Style) -> Iterator[str]:
    """The table of what was allocated, by kind and for slab objects by cache; then the caches that were created."""
    rows = [(name, memory[kind]) for kind, name in KINDS.items() if memory[kind]["allocs"]]
    rows[1:1] = cache_rows(memory["by_cache"], memory["slab"])
    if not rows:
        yield style.title("memory") + ": the modules allocated none"
        return
    width = max(14, *(len(name) + 2 for name, _ in rows))
    yield style.title(f"{'memory':{width}}" + "".join(f"{column:>18}" for column in COLUMNS))
    for name, row in rows:
        yield row_line(f"  {name:{width - 2}}", row, style)
    for cache in memory["caches"][:SHOWN_CACHES]:
        yield cache_line(cache)
    if len(memory["caches"]) > SHOWN_CACHES:
        yield f"  and {plural(len(memory['caches']) - SHOWN_CACHES, 'cache')} more"


def cache_rows(by_cache: dict[str, Any], slab: dict[str, int]) -> list[tuple[str, Any]]:
    """A row for each cache but kmalloc's; one for all where they are many."""
    own = [(name, row) for name, row in by_cache.items() if "kmalloc-" not in name]
    return own if len(own) <= SHOWN_CACHES else [(f"{len(own)} caches", slab)]


def row_line(name: str, row: dict[str, int], style: Style) -> str:
    """`  kmalloc    5 (320 B)    5    128 B    none`: numbers of calls, bytes as the module asked for them."""
    left = f"{row['left']} ({in_bytes(row['left_bytes'])})" if row["left"] else "none"
    cells = (f"{row['allocs']} ({in_bytes(row['bytes'])})", str(row["frees"]), in_bytes(row["peak_bytes"]))
    text = name + "".join(f"{cell:>18}" for cell in cells)
    return text + (style.bad if row["left"] else style.good)(f"{left:>18}")


def cache_line(cache: dict[str, Any]) -> str:
    """`  cache lkp-cache: objects of 16 B in slots of 16 B, 256 to a slab of 1 page; merged with kmalloc-16`."""
    text = (f"  cache {cache['name']}: objects of {cache['object_size']} B in slots of {cache['size']} B, "
            f"{cache['objects_per_slab']} to a slab of {plural(1 << cache['order'], 'page')}")
    if cache["merged_with"]:
        text += f"; merged with {cache['merged_with']}"
    return text if cache["destroyed"] else text + "; not destroyed"
