"""What a run did to memory, in about ten lines. Input is the "memory" dict of --json."""

from collections.abc import Iterator
from typing import Any

from cli.style import Style, in_bytes, plural

KINDS = {"page": "pages", "kmalloc": "kmalloc", "cache": "slab objects", "vmalloc": "vmalloc", "percpu": "per-CPU"}
COLUMNS = ("allocated", "freed", "peak", "left")


def memory_lines(memory: dict[str, Any], style: Style) -> Iterator[str]:
    """The table of what was allocated, by kind, then the caches that the modules created."""
    used = [(name, memory[kind]) for kind, name in KINDS.items() if memory.get(kind, {}).get("allocs")]
    if used:
        yield style.title(f"{'memory':14}" + "".join(f"{column:>20}" for column in COLUMNS))
        for name, row in used:
            yield row_line(name, row, style)
    else:
        yield style.title("memory") + ": the modules allocated none"
    for cache in memory.get("caches", ()):
        yield cache_line(cache)


def row_line(name: str, row: dict[str, int], style: Style) -> str:
    """`  kmalloc    5 (320 B)    5    128 B    none`: numbers of calls, bytes as the caller asked for them."""
    left = f"{row['left']} ({in_bytes(row['left_bytes'])})" if row["left"] else "none"
    cells = (f"{row['allocs']} ({in_bytes(row['bytes'])})", str(row["frees"]), in_bytes(row["peak_bytes"]))
    text = f"  {name:12}" + "".join(f"{cell:>20}" for cell in cells)
    return text + (style.bad if row["left"] else style.good)(f"{left:>20}")


def cache_line(cache: dict[str, Any]) -> str:
    """`  cache lkp-cache: objects of 16 B in slots of 16, 256 to a slab of 1 page; merged with kmalloc-16`."""
    text = (f"  cache {cache['name']}: objects of {cache['object_size']} B in slots of {cache['size']}, "
            f"{cache['objects_per_slab']} to a slab of {plural(1 << cache['order'], 'page')}")
    if cache.get("merged_with"):
        text += f"; merged with {cache['merged_with']}"
    return text if cache.get("destroyed") else text + "; not destroyed"
