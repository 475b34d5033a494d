"""Watermarks, reserves and batches: the numbers of the real kernel with 1 GiB, from its own managed pages."""

import pytest

from runtime.mm.node import clip, cut
from runtime.mm.zone import Zone, batch_size, set_all_watermarks, set_lowmem_reserve
from runtime.units import GiB, MiB
from tests.runtime.mm.rig import Rig, make_context


def zones(*managed: int) -> list[Zone]:
    ctx = make_context(64 * MiB)
    made, start = [], 1
    for index in range(5):
        pages = managed[index] if index < len(managed) else 0
        ranges = [(start, start + pages)] if pages else []
        made.append(Zone(ctx, 0, index, ranges, ranges))
        start += pages
    return made


def test_with_1_gib_they_are_what_proc_zoneinfo_says() -> None:
    # Managed pages at the time when Linux set the watermarks; the memory of its own init code came later.
    dma, dma32, *rest = zones(3840, 238400)
    set_all_watermarks([dma, dma32, *rest])
    set_lowmem_reserve([dma, dma32, *rest])
    assert dma.watermark == [178, 222, 266]
    assert dma32.watermark == [11085, 13856, 16627]
    assert dma.lowmem_reserve == [0, 931, 931, 931, 931] and dma32.lowmem_reserve == [0] * 5
    assert [(pcp.high, pcp.batch) for pcp in dma.pcp] == [(111, 1)] * 2
    assert [(pcp.high, pcp.batch) for pcp in dma32.pcp] == [(6928, 63)] * 2


@pytest.mark.parametrize(("pages", "batch"), [(3840, 0), (60000, 15), (240915, 63), (16 * GiB // 4096, 63)])
def test_batches_are_a_power_of_two_less_one(pages: int, batch: int) -> None:
    assert batch_size(pages) == batch


def test_a_small_machine_keeps_4_times_the_root_of_its_memory() -> None:
    rig = Rig(256 * MiB)
    kept = sum(zone.watermark[0] for zone in rig.pages.nodes.populated) * 4
    assert kept == pytest.approx(2009, abs=15)


def test_memory_is_cut_into_zones_and_holes() -> None:
    nodes = Rig(6 * GiB).pages.nodes
    spans = {zone.name: (zone.start, zone.start + zone.spanned) for zone in nodes.populated}
    assert spans == {"DMA": (1, 4096), "DMA32": (4096, 786432), "Normal": (1048576, 1835008)}
    dma = nodes.populated[0]
    assert dma.present == dma.spanned - 97, "639 KiB to 1 MiB is not RAM"


def test_zonelists_go_down_and_to_the_other_nodes() -> None:
    nodes = Rig(6 * GiB, nr_nodes=2).pages.nodes
    names = [[f"{zone.nid}{zone.name}" for zone in nodes.zonelists[nid][2]] for nid in (0, 1)]
    assert names == [["0DMA32", "0DMA", "1Normal"], ["1Normal", "0DMA32", "0DMA"]]
    assert [zone.name for zone in nodes.zonelists[0][0]] == ["DMA"]


def test_ranges_are_cut_and_clipped() -> None:
    assert cut([(0, 100)], [(10, 20), (90, 200)]) == [(0, 10), (20, 90)]
    assert cut([(0, 10), (20, 30)], [(5, 25)]) == [(0, 5), (25, 30)]
    assert clip([(0, 10), (20, 30)], 5, 22) == [(5, 10), (20, 22)]
