"""What Linux logs when pages run out or are in a bad state, line by line.

Linux: mm/page_alloc.c, warn_alloc(), bad_page(), __show_free_areas(); lib/show_mem.c; mm/debug.c, __dump_page(), 6.1
"""

import struct
from typing import TYPE_CHECKING

from runtime.mm.buddy import MAX_ORDER, MIGRATE_TYPES
from runtime.mm.context import Context
from runtime.mm.page import PageMap
from runtime.mm.zone import Zone
from runtime.units import Pfn

if TYPE_CHECKING:
    from runtime.mm.page_alloc import PageAllocator

KERN_ALERT, KERN_WARNING, KERN_DEFAULT = 1, 4, 4
_LETTERS = "UMEHI"
_FLAGS = [
    "locked",
    "waiters",
    "error",
    "referenced",
    "uptodate",
    "dirty",
    "lru",
    "active",
    "workingset",
    "slab",
    "owner_priv_1",
    "arch_1",
    "reserved",
    "private",
    "private_2",
    "writeback",
    "head",
    "mappedtodisk",
    "reclaim",
    "swapbacked",
    "unevictable",
    "mlocked",
    "uncached",
    "hwpoison",
]

_NODE_COUNTERS = [
    "active_anon",
    "inactive_anon",
    "active_file",
    "inactive_file",
    "unevictable",
    "isolated(anon)",
    "isolated(file)",
    "mapped",
    "dirty",
    "writeback",
    "shmem",
]


def warn_alloc(ctx: Context, alloc: "PageAllocator", gfp: int, what: str) -> None:
    """Report a failed allocation, at most once in ten seconds; not with __GFP_NOWARN, nor for DMA memory where there is
    none.
    """
    flags = alloc.gfp
    no_dma = gfp & flags.DMA and not any(zone.managed for zone in alloc.nodes.populated if zone.index == 0)
    if gfp & flags.NOWARN or not ctx.ratelimited("warn_alloc", 10, 1) or no_dma:
        return
    mode = f"mode:{gfp:#x}({flags.text(gfp)})"
    nodes = "0" if alloc.nodes.nr_nodes == 1 else f"0-{alloc.nodes.nr_nodes - 1}"
    ctx.printk(KERN_WARNING, f"{ctx.comm()}: {what}, {mode}, nodemask=(null),cpuset=/,mems_allowed={nodes}")
    ctx.dump_stack()
    for line in show_mem(alloc, flags.zone_index(gfp)):
        ctx.printk(KERN_DEFAULT, line)


def show_mem(alloc: "PageAllocator", top: int) -> list[str]:
    """The Mem-Info block. top: the highest zone that matters to the allocation."""
    zones = [zone for zone in alloc.nodes.populated if zone.index <= top]
    lines = ["Mem-Info:", *_totals(alloc, zones)]
    lines += [_node_line(nid) for nid, own in enumerate(alloc.nodes.zones) if any(z.managed for z in own[: top + 1])]
    for zone in zones:
        lines += [_zone_line(alloc, zone), "lowmem_reserve[]:" + "".join(f" {pages}" for pages in zone.lowmem_reserve)]
    lines += [_blocks_line(zone) for zone in zones]
    nids = range(alloc.nodes.nr_nodes)
    lines += [f"Node {nid} hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB" for nid in nids]
    present = sum(zone.present for zone in alloc.nodes.populated)
    reserved = present - sum(zone.managed for zone in alloc.nodes.populated)
    return [
        *lines, "0 total pagecache pages", "0 pages in swap cache", "Free swap  = 0kB", "Total swap = 0kB",
        f"{present} pages RAM", "0 pages HighMem/MovableOnly", f"{reserved} pages reserved", "0 pages hwpoisoned",
    ]  # fmt: skip


def _totals(alloc: "PageAllocator", zones: list[Zone]) -> list[str]:
    reclaimable, unreclaimable = alloc.ctx.slab_pages()
    free_pcp = sum(pcp.state[0] for zone in zones for pcp in zone.pcp)
    return [
        "active_anon:0 inactive_anon:0 isolated_anon:0",
        " active_file:0 inactive_file:0 isolated_file:0",
        " unevictable:0 dirty:0 writeback:0",
        f" slab_reclaimable:{reclaimable} slab_unreclaimable:{unreclaimable}",
        " mapped:0 shmem:0 pagetables:0",
        " sec_pagetables:0 bounce:0",
        " kernel_misc_reclaimable:0",
        f" free:{sum(zone.free[0] for zone in alloc.nodes.populated)} free_pcp:{free_pcp} free_cma:0",
    ]


def _node_line(nid: int) -> str:
    # Nothing of what a node's counters tell about user memory exists here.
    text = "".join(f" {name}:0kB" for name in _NODE_COUNTERS)
    return (
        f"Node {nid}{text} shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB kernel_stack:0kB"
        " pagetables:0kB sec_pagetables:0kB all_unreclaimable? no"
    )


def _zone_line(alloc: "PageAllocator", zone: Zone) -> str:
    pcp, local = sum(pcp.state[0] for pcp in zone.pcp), zone.pcp[alloc.ctx.cpu].state[0]
    low, mid, high = zone.watermark
    return (
        f"Node {zone.nid} {zone.name} free:{4 * zone.free[0]}kB boost:0kB min:{4 * low}kB low:{4 * mid}kB"
        f" high:{4 * high}kB"
        f" reserved_highatomic:{4 * zone.free[1]}KB active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:0kB"
        f" unevictable:0kB writepending:0kB present:{4 * zone.present}kB managed:{4 * zone.managed}kB"
        " mlocked:0kB bounce:0kB"
        f" free_pcp:{4 * pcp}kB local_pcp:{4 * local}kB free_cma:0kB"
    )


def _blocks_line(zone: Zone) -> str:
    text = ""
    for order in range(MAX_ORDER):
        counts = [zone.buddy.count(order, mt) for mt in range(MIGRATE_TYPES)]
        types = "".join(letter for letter, count in zip(_LETTERS, counts, strict=True) if count)
        text += f"{sum(counts)}*{4 << order}kB " + (f"({types}) " if types else "")
    return f"Node {zone.nid} {zone.name}: {text}= {4 * zone.free[0]}kB"


def bad_page(ctx: Context, pages: PageMap, pfn: Pfn, reason: str) -> None:
    """Report a page that is freed in an impossible state; at most 60 in a minute."""
    if not ctx.ratelimited("bad_page", 60, 60):
        return
    ctx.printk(KERN_ALERT, f"BUG: Bad page state in process {ctx.comm()}  pfn:{pfn:05x}")
    for line in dump_page(ctx, pages, pfn, reason):
        ctx.printk(KERN_WARNING, line)
    ctx.print_modules()
    ctx.dump_stack()
    ctx.taint("B")


def dump_page(ctx: Context, pages: PageMap, pfn: Pfn, reason: str) -> list[str]:
    """dump_page() of a page that is not part of a compound page."""
    at, view = pages.at(pfn), ctx.abi.view("page")(ctx.mem, pages.page(pfn))
    words = struct.unpack(f"<{pages.size // 8}Q", ctx.ram.mem[at : at + pages.size])
    raw = [" ".join(f"{word:016x}" for word in words[i : i + 4]) for i in range(0, len(words), 4)]
    mapcount = ctx.ram.i32[at + ctx.abi.offset("page", "_mapcount") >> 2] + 1
    return [
        f"page:{ctx.hashed(pages.page(pfn))} refcount:{pages.refcount(pfn)} mapcount:{mapcount}"
        f" mapping:{ctx.hashed(view.mapping)} index:{view.index:#x} pfn:{pfn:#x}",
        f"flags: {flags_text(ctx, words[pages.flags_at >> 3])}",
        *(f"raw: {line}" for line in raw),
        f"page dumped because: {reason}",
    ]


def flags_text(ctx: Context, flags: int) -> str:
    """page->flags as %pGp prints it: `0x17ffffc0000000(node=0|zone=2|lastcpupid=0x1fffff)`."""
    const = ctx.abi.const
    words = [name for name in _FLAGS if flags >> const.get("PG_" + name, 63) & 1 and "PG_" + name in const]
    words.append(f"node={flags >> const['NODES_PGSHIFT'] & const['NODES_MASK']}")
    words.append(f"zone={flags >> const['ZONES_PGSHIFT'] & const['ZONES_MASK']}")
    words.append(f"lastcpupid={flags >> const['LAST_CPUPID_PGSHIFT'] & const['LAST_CPUPID_MASK']:#x}")
    return f"{flags:#x}({'|'.join(words)})"
