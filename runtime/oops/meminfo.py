"""Mem-Info: the state of memory, as the report of a failed page allocation ends with.

Linux: lib/show_mem.c, __show_mem(); mm/page_alloc.c, __show_free_areas(), 6.1
"""

from runtime.oops.health import WARNING, Line
from runtime.units import PAGE_SIZE, KiB

_KB = PAGE_SIZE // KiB
_TOTALS = (
    ("active_anon", "inactive_anon", "isolated_anon"),
    ("active_file", "inactive_file", "isolated_file"),
    ("unevictable", "dirty", "writeback"),
    ("slab_reclaimable", "slab_unreclaimable"),
    ("mapped", "shmem", "pagetables"),
    ("sec_pagetables", "bounce"),
    ("kernel_misc_reclaimable",),
    ("free", "free_pcp", "free_cma"),
)
_NODE = (
    "active_anon", "inactive_anon", "active_file", "inactive_file", "unevictable", "isolated(anon)", "isolated(file)",
    "mapped", "dirty", "writeback", "shmem", "shmem_thp", "shmem_pmdmapped", "anon_thp", "writeback_tmp",
    "kernel_stack",
    "pagetables", "sec_pagetables",
)  # fmt: skip
_ZONE = (
    "free", "boost", "min", "low", "high", "reserved_highatomic", "active_anon", "inactive_anon", "active_file",
    "inactive_file", "unevictable", "writepending", "present", "managed", "mlocked", "bounce", "free_pcp", "local_pcp",
    "free_cma",
)  # fmt: skip
_SPACED = ("shmem_thp", "shmem_pmdmapped", "anon_thp")  # Linux prints a blank behind their colon


class Zone:
    """One zone.

    pages       counters in pages, by the names that the report has (free, min, low, present ...); missing ones are 0
    reserve     lowmem_reserve of each zone type, in pages
    free_area   for each order: (number of free blocks, letters of the migrate types that have some)
    """

    __slots__ = ("free_area", "name", "nid", "pages", "reserve")

    def __init__(
        self, nid: int, name: str, pages: dict[str, int], reserve: list[int], free_area: list[tuple[int, str]]
    ) -> None:
        self.nid, self.name, self.pages, self.reserve, self.free_area = nid, name, pages, reserve, free_area


def mem_info(nodes: list[tuple[int, dict[str, int]]], zones: list[Zone], totals: dict[str, int]) -> list[Line]:
    """All lines. zones: those that the failed allocation may use, in order, of all nodes; all counters are in pages.

    nodes: (nid, counters by the names in the node's line), where it is called unreclaimable if the counter of that name
    is not 0. totals: counters of the whole machine, and pagecache, ram, highmem, reserved.
    """
    lines = ["Mem-Info:", *_totals(totals)]
    lines += [_node(nid, counters) for nid, counters in nodes]
    for zone in zones:
        lines += [_zone(zone), f"lowmem_reserve[]: {' '.join(map(str, zone.reserve))}"]
    lines += [_free_area(zone) for zone in zones]
    lines += [
        f"Node {nid} hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB" for nid, _ in nodes
    ]
    return [(WARNING, line) for line in lines + _machine(totals)]


def _totals(totals: dict[str, int]) -> list[str]:
    """The first line starts at the margin, the others one column in."""
    rows = [" ".join(f"{name}:{totals.get(name, 0)}" for name in row) for row in _TOTALS]
    return [rows[0], *(f" {row}" for row in rows[1:])]


def _node(nid: int, counters: dict[str, int]) -> str:
    parts = [f"{name}:{' ' * (name in _SPACED)}{counters.get(name, 0) * _KB}kB" for name in _NODE]
    return f"Node {nid} {' '.join(parts)} all_unreclaimable? {'yes' if counters.get('all_unreclaimable') else 'no'}"


def _zone(zone: Zone) -> str:
    parts = [
        f"{name}:{zone.pages.get(name, 0) * _KB}{'KB' if name == 'reserved_highatomic' else 'kB'}" for name in _ZONE
    ]
    return f"Node {zone.nid} {zone.name} {' '.join(parts)}"


def _free_area(zone: Zone) -> str:
    """`1*4kB (U) 0*8kB ... = 228kB`"""
    areas = enumerate(zone.free_area)
    parts = [f"{count}*{_KB << order}kB" + (f" ({types})" if count else "") for order, (count, types) in areas]
    total = sum(count << order for order, (count, _) in enumerate(zone.free_area)) * _KB
    return f"Node {zone.nid} {zone.name}: {' '.join(parts)} = {total}kB"


def _machine(totals: dict[str, int]) -> list[str]:
    count = totals.get
    return [
        f"{count('pagecache', 0)} total pagecache pages",
        "0 pages in swap cache",
        "Free swap  = 0kB",
        "Total swap = 0kB",
        f"{count('ram', 0)} pages RAM",
        f"{count('highmem', 0)} pages HighMem/MovableOnly",
        f"{count('reserved', 0)} pages reserved",
        "0 pages hwpoisoned",
    ]
