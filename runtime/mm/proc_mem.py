"""/proc/buddyinfo, /proc/pagetypeinfo, /proc/zoneinfo, /proc/meminfo: the state of memory in Linux's formats.

What counts user memory, page cache or swap is 0: there is none.
Linux: mm/vmstat.c, frag_show(), pagetypeinfo_show(), zoneinfo_show(); fs/proc/meminfo.c, 6.1
"""

from runtime.mm.buddy import MAX_ORDER, MIGRATE_TYPES, PAGEBLOCK_ORDER, PAGEBLOCK_PAGES, TYPE_NAMES
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.percpu import PerCpu
from runtime.mm.vmalloc import Vmalloc
from runtime.mm.zone import WMARK_HIGH, WMARK_LOW, Zone
from runtime.units import PAGE_SIZE, KiB, MiB

_NODE_STATS = """nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable
nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_nodes workingset_refault_anon workingset_refault_file
workingset_activate_anon workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim
nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_writeback_temp nr_shmem nr_shmem_hugepages
nr_shmem_pmdmapped nr_file_hugepages nr_file_pmdmapped nr_anon_transparent_hugepages nr_vmscan_write
nr_vmscan_immediate_reclaim nr_dirtied nr_written nr_throttled_written nr_kernel_misc_reclaimable nr_foll_pin_acquired
nr_foll_pin_released nr_kernel_stack nr_page_table_pages nr_sec_page_table_pages nr_swapcached pgpromote_success
pgpromote_candidate"""
_ZONE_STATS = """nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file nr_zone_unevictable
nr_zone_write_pending nr_mlock nr_bounce nr_zspages nr_free_cma numa_hit numa_miss numa_foreign numa_interleave
numa_local numa_other"""
_ZEROS_1 = "Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file) Inactive(file)"
_ZEROS_2 = "Unevictable Mlocked SwapTotal SwapFree Zswap Zswapped Dirty Writeback AnonPages Mapped Shmem"
_ZEROS_3 = "KernelStack PageTables SecPageTables NFS_Unstable Bounce WritebackTmp"
_ZEROS_4 = "AnonHugePages ShmemHugePages ShmemPmdMapped FileHugePages FilePmdMapped"


def buddyinfo(alloc: PageAllocator) -> str:
    """Free blocks of each order; what per-CPU lists hold is not in here."""
    lines = []
    for zone in alloc.nodes.populated:
        counts = [sum(zone.buddy.count(order, mt) for mt in range(MIGRATE_TYPES)) for order in range(MAX_ORDER)]
        lines.append(f"Node {zone.nid}, zone {zone.name:>8s} " + "".join(f"{count:6d} " for count in counts) + "\n")
    return "".join(lines)


def pagetypeinfo(alloc: PageAllocator) -> str:
    """Free blocks of each order and migrate type; pageblocks of each type."""
    head = f"Page block order: {PAGEBLOCK_ORDER}\nPages per block:  {PAGEBLOCK_PAGES}\n\n"
    head += (
        f"{'Free pages count per migrate type at order':<43s} " + "".join(f"{o:6d} " for o in range(MAX_ORDER)) + "\n"
    )
    lines = []
    for zone in alloc.nodes.populated:
        for mt, name in enumerate(TYPE_NAMES):
            counts = "".join(f"{zone.buddy.count(order, mt):6d} " for order in range(MAX_ORDER))
            lines.append(f"Node {zone.nid:4d}, zone {zone.name:>8s}, type {name:>12s} {counts}\n")
    blocks = f"\n{'Number of blocks type ':<23s}" + "".join(f"{name:>12s} " for name in TYPE_NAMES) + "\n"
    for zone in alloc.nodes.populated:
        counts = "".join(f"{count:12d} " for count in _pageblocks(zone))
        blocks += f"Node {zone.nid}, zone {zone.name:>8s} {counts}\n"
    return head + "".join(lines) + blocks


def _pageblocks(zone: Zone) -> list[int]:
    first, last = zone.start >> PAGEBLOCK_ORDER, zone.start + zone.spanned - 1 >> PAGEBLOCK_ORDER
    types = list(zone.buddy.types.values())
    counts = [types.count(mt) for mt in range(MIGRATE_TYPES)]
    counts[1] = last - first + 1 - (len(types) - counts[1])  # what nobody has changed is MOVABLE
    return counts


def zoneinfo(alloc: PageAllocator) -> str:
    """Everything about every zone, the empty ones too."""
    return "".join(_zone_text(alloc, zone, zones) for zones in alloc.nodes.zones for zone in zones)


def _zone_text(alloc: PageAllocator, zone: Zone, zones: list[Zone]) -> str:
    text = f"Node {zone.nid}, zone {zone.name:>8s}"
    if zone.present and zone is next(z for z in zones if z.present):
        reclaimable, unreclaimable = alloc.ctx.slab_pages()
        known = {"nr_slab_reclaimable": reclaimable, "nr_slab_unreclaimable": unreclaimable}
        stats = "".join(f"\n      {name:<12s} {known.get(name, 0)}" for name in _NODE_STATS.split())
        text += "\n  per-node stats" + stats
    low, mid, high = zone.watermark
    sizes = [("boost", 0), ("min", low), ("low", mid), ("high", high), ("spanned", zone.spanned)]
    sizes += [("present", zone.present), ("managed", zone.managed), ("cma", 0)]
    text += f"\n  pages free     {zone.free[0]}" + "".join(f"\n        {name:<8s} {pages}" for name, pages in sizes)
    text += f"\n        protection: ({', '.join(map(str, zone.lowmem_reserve))})"
    if not zone.present:
        return text + "\n"
    text += f"\n      nr_free_pages {zone.free[0]}"
    text += "".join(f"\n      {name:<12s} 0" for name in _ZONE_STATS.split()) + "\n  pagesets"
    for cpu, pcp in enumerate(zone.pcp):
        text += f"\n    cpu: {cpu}\n              count: {pcp.state[0]}"
        text += f"\n              high:  {pcp.high}\n              batch: {pcp.batch}"
        text += f"\n  vm stats threshold: {_stat_threshold(zone, len(zone.pcp))}"
    return text + f"\n  node_unreclaimable:  0\n  start_pfn:           {zone.start}\n"


def _stat_threshold(zone: Zone, nr_cpus: int) -> int:
    # How far a CPU's counters may be off. Linux: calculate_normal_threshold(), 6.1
    return min(125, 2 * nr_cpus.bit_length() * (1 + (zone.managed * PAGE_SIZE // (128 * MiB)).bit_length()))


def meminfo(alloc: PageAllocator, vmalloc: Vmalloc, percpu: PerCpu) -> str:
    """Memory in KiB, by use."""
    ctx, zones = alloc.ctx, alloc.nodes.populated
    total, free = sum(zone.managed for zone in zones), sum(zone.free[0] for zone in zones)
    reclaimable, unreclaimable = ctx.slab_pages()
    page = PAGE_SIZE // KiB
    rows = {
        "MemTotal": total * page,
        "MemFree": free * page,
        "MemAvailable": _available(zones, free, reclaimable) * page,
    }
    rows |= dict.fromkeys(f"{_ZEROS_1} {_ZEROS_2}".split(), 0)
    rows |= {"KReclaimable": reclaimable * page, "Slab": (reclaimable + unreclaimable) * page}
    rows |= {"SReclaimable": reclaimable * page, "SUnreclaim": unreclaimable * page}
    rows |= dict.fromkeys(_ZEROS_3.split(), 0)
    space = ctx.arch.VMALLOC_END - ctx.arch.VMALLOC_START
    rows |= {"CommitLimit": total // 2 * page, "Committed_AS": 0, "VmallocTotal": space >> 10}
    rows |= {"VmallocUsed": vmalloc.used_pages * page, "VmallocChunk": 0, "Percpu": percpu.pages * page}
    text = "".join(f"{name + ':':<15s} {value:8d} kB\n" for name, value in rows.items())
    text += f"{'HardwareCorrupted:':<18s} {0:5d} kB\n"
    text += "".join(f"{name + ':':<15s} {0:8d} kB\n" for name in _ZEROS_4.split())
    text += "".join(
        f"{name + ':':<15s} {0:8d}\n"
        for name in ["HugePages_Total", "HugePages_Free", "HugePages_Rsvd", "HugePages_Surp"]
    )
    text += f"Hugepagesize:   {2 * MiB >> 10:8d} kB\nHugetlb:        {0:8d} kB\n"
    small, large = ctx.direct_map()
    return text + f"DirectMap4k:    {small >> 10:8d} kB\nDirectMap2M:    {large >> 10:8d} kB\n"


def _available(zones: list[Zone], free: int, reclaimable: int) -> int:
    # Without swapping: free, less what the zones keep back, and half of what the slabs could give. Linux:
    # si_mem_available(), 6.1
    reserve = sum(min(max(zone.lowmem_reserve) + zone.watermark[WMARK_HIGH], zone.managed) for zone in zones)
    low = sum(zone.watermark[WMARK_LOW] for zone in zones)
    return max(0, free - reserve + reclaimable - min(reclaimable // 2, low))
