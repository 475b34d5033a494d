"""mmzone.h, nodemask.h: nodes, zones and memory sections, as inline code reads them; how much memory there is.

The counters of a node's structures are written when somebody reads them: their pages are not mapped (struct pglist_data
has them on its first two pages and on its last one). Lists of free pages are not in there: free_list is empty, nr_free
is true.

Linux: mm/page_alloc.c, mm/sparse.c, mm/show_mem.c, 6.1
"""

from typing import Annotated, Any

from kapi.mm import sections
from kapi.registry import export, export_data
from runtime.c import long_, pointer
from runtime.kernel import Kernel

sysinfo_p = Annotated[int, pointer("sysinfo")]
_PAGE = 4096

# Nodes


@export_data(8 * 1024, page=True)
def node_data(k: Kernel, at: int) -> None:
    """struct pglist_data *node_data[]."""
    size = k.abi.sizeof("pglist_data")
    nodes = [k.image.variable(_node_name(nid), size, page=True) for nid in range(k.nodes.nr_nodes)]
    for nid, node in enumerate(nodes):
        k.mem.put64(at + 8 * nid, node)
        _write_node(k, nid, node)
    for node in nodes:
        for page in {node, node + _PAGE, node + k.abi.offset("pglist_data", "vm_stat") & -_PAGE}:
            k.trouble.watch(page, k.image.to_phys(page), _refresh)


def _node_name(nid: int) -> str:
    return f"node{nid}_data"


def _write_node(k: Kernel, nid: int, at: int) -> None:
    """What stays as it is after boot."""
    node, zones = k.abi.view("pglist_data")(k.mem, at), k.nodes.zones[nid]
    present = [zone for zone in zones if zone.present]
    node.node_id, node.nr_zones = nid, max((zone.index + 1 for zone in present), default=0)
    node.node_start_pfn = min((zone.start for zone in present), default=0)
    node.node_present_pages = sum(zone.present for zone in zones)
    end = max((zone.start + zone.spanned for zone in present), default=0)
    node.node_spanned_pages = end - node.node_start_pfn
    node.totalreserve_pages = sum(_reserve(zone) for zone in zones)
    for zone in zones:
        _write_zone(k, zone, at, _zone_at(k, at, zone.index))
    for index, fallback in enumerate((True, False)):
        lists = at + k.abi.offset("pglist_data", "node_zonelists") + index * k.abi.sizeof("zonelist")
        _write_zonelist(k, nid, lists, fallback)


def _zone_at(k: Kernel, node: int, index: int) -> int:
    return node + k.abi.offset("pglist_data", "node_zones") + index * k.abi.sizeof("zone")


def _reserve(zone: Any) -> int:
    """What a zone keeps back: for lower zones, and its high watermark."""
    return int(min(max(zone.lowmem_reserve) + zone.watermark[2], zone.managed))


def _write_zone(k: Kernel, zone: Any, node: int, at: int) -> None:
    view = k.abi.view("zone")(k.mem, at)
    for index, pages in enumerate(zone.watermark):
        k.mem.put64(view._watermark + 8 * index, pages)
    for index, pages in enumerate(zone.lowmem_reserve):
        k.mem.put64(view.lowmem_reserve + 8 * index, pages)
    view.node, view.zone_pgdat, view.zone_start_pfn = zone.nid, node, zone.start
    view.managed_pages.counter, view.spanned_pages = zone.managed, zone.spanned
    view.present_pages = view.present_early_pages = zone.present
    view.initialized = int(zone.present > 0)
    view.pageset_high, view.pageset_batch = zone.pcp[0].high, zone.pcp[0].batch
    name = k.image.variable(f"zone_name_{zone.nid}_{zone.index}", 8)
    k.mem.write(name, zone.name.encode() + b"\0")
    view.name = name
    area, lists = view.free_area, k.abi.sizeof("free_area")
    for entry in (area + lists * order + 16 * mt for order in range(k.abi.const["MAX_ORDER"]) for mt in range(5)):
        k.mem.put64(entry, entry)
        k.mem.put64(entry + 8, entry)


def _write_zonelist(k: Kernel, nid: int, at: int, fallback: bool) -> None:
    """The zones in the order in which an allocation tries them; without fallback only those of the node itself."""
    zones = [zone for zone in k.nodes.zonelists[nid][-1] if fallback or zone.nid == nid]
    for index, zone in enumerate(zones):
        ref = k.abi.view("zoneref")(k.mem, at + index * k.abi.sizeof("zoneref"))
        ref.zone = _zone_at(k, _node_at(k, zone.nid), zone.index)
        ref.zone_idx = zone.index


def _node_at(k: Kernel, nid: int) -> int:
    return k.symbols.by_name[_node_name(nid)]


def _refresh(k: Kernel, phys: int) -> None:
    """Write the counters of the node whose page is read."""
    size = k.abi.sizeof("pglist_data")
    for nid, zones in enumerate(k.nodes.zones):
        start = k.image.to_phys(_node_at(k, nid))
        if start <= phys < start + size:
            for zone in zones:
                _refresh_zone(k, zone, _zone_at(k, start, zone.index))
            if not nid:
                _refresh_slabs(k, start + k.abi.offset("pglist_data", "vm_stat"))


def _refresh_zone(k: Kernel, zone: Any, at: int) -> None:
    offset, const = k.abi.offset, k.abi.const
    k.ram.put64(at + offset("zone", "vm_stat") + 8 * const["NR_FREE_PAGES"], zone.free[0])
    k.ram.put64(at + offset("zone", "nr_reserved_highatomic"), zone.free[1])
    area, size = at + offset("zone", "free_area"), k.abi.sizeof("free_area")
    for order in range(const["MAX_ORDER"]):
        count = sum(zone.buddy.count(order, mt) for mt in range(const["MIGRATE_TYPES"]))
        k.ram.put64(area + order * size + offset("free_area", "nr_free"), count)


def _refresh_slabs(k: Kernel, vm_stat: int) -> None:
    """Pages in slabs, which all count for the first node."""
    for name, pages in zip(("NR_SLAB_RECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE_B"), k.mm.slab_pages(), strict=True):
        k.ram.put64(vm_stat + 8 * k.abi.const[name], pages)


@export_data(6 * 128)
def node_states(k: Kernel, at: int) -> None:
    """nodemask_t node_states[]: every node is there, is online, has memory, and a CPU if there are as many."""
    const, all_nodes = k.abi.const, (1 << k.nodes.nr_nodes) - 1
    with_cpu = (1 << min(k.nodes.nr_nodes, k.mm.nr_cpus)) - 1
    states = {
        "N_POSSIBLE": all_nodes,
        "N_ONLINE": all_nodes,
        "N_NORMAL_MEMORY": all_nodes,
        "N_MEMORY": all_nodes,
        "N_CPU": with_cpu,
    }
    for name, mask in states.items():
        k.mem.put64(at + k.abi.sizeof("nodemask_t") * const[name], mask)


# Sections


@export_data(8)
def mem_section(k: Kernel, at: int) -> None:
    """struct mem_section **mem_section: pages of descriptions, one for each 128 MiB."""
    const, size = k.abi.const, k.abi.sizeof("mem_section")
    per_root = const["SECTIONS_PER_ROOT"]
    flags = sum(const[f"SECTION_{name}"] for name in ("MARKED_PRESENT", "HAS_MEM_MAP", "IS_ONLINE", "IS_EARLY"))
    roots = k.image.variable("mem_section_roots", (1 << 46 - const["SECTION_SIZE_BITS"]) // per_root * 8, page=True)
    k.mem.put64(at, roots)
    for section in sorted(sections(k)):
        slot = roots + 8 * (section // per_root)
        if not k.mem.u64(slot):
            k.mem.put64(slot, k.image.variable(f"mem_section_root_{section // per_root}", _PAGE, page=True))
        nid = k.nodes.zone(section << const["SECTION_SIZE_BITS"] - 12).nid
        k.mem.put64(
            k.mem.u64(slot) + section % per_root * size,
            k.mm.arch.VMEMMAP_START | flags | nid << const["SECTION_NID_SHIFT"],
        )


# How much memory there is


def _free(k: Kernel) -> int:
    return sum(zone.free[0] for zone in k.nodes.populated)


@export
def si_meminfo(k: Kernel, val: sysinfo_p) -> None:
    """Memory in pages: there is no highmem, no page cache."""
    info = k.abi.view("sysinfo")(k.mem, val)
    info.totalram, info.freeram = sum(zone.managed for zone in k.nodes.populated), _free(k)
    info.sharedram = info.bufferram = info.totalhigh = info.freehigh = 0
    info.mem_unit = _PAGE


@export
def si_mem_available(k: Kernel) -> long_:
    """Pages that could be allocated without swapping: free ones less what zones keep back, and half of what slabs could
    give.
    """
    zones = k.nodes.populated
    reclaimable, _ = k.mm.slab_pages()
    low = sum(zone.watermark[1] for zone in zones)
    return max(0, _free(k) - sum(map(_reserve, zones)) + reclaimable - min(reclaimable // 2, low))
