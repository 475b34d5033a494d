"""What is gathered, from a machine in which modules were loaded: it agrees with the allocators' own counts."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime import Machine
from runtime.report import gather
from runtime.report.timeline import Timeline

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def machine(build_ko: Callable[[Path], Path]) -> Iterator[Machine]:
    """A machine in which a module holds memory: one that allocates until it is removed."""
    with Machine(memory="64M") as machine:
        machine.insmod(build_ko(ROOT / "tests" / "runtime" / "report" / "holder.c"))
        yield machine


def test_the_runs_of_a_zone_cover_it_without_overlap(machine: Machine) -> None:
    for zone in gather.zones(machine.kernel):
        at = zone["start"]
        for pfn, pages, _, _ in zone["runs"]:
            assert pfn == at and pages > 0
            at += pages
        assert at == zone["start"] + zone["pages"]


def test_free_pages_and_orders_are_the_buddys(machine: Machine) -> None:
    found = gather.zones(machine.kernel)
    assert [zone["name"] for zone in found] == ["DMA", "DMA32"]
    for zone, buddy in zip(found, [zone.buddy for zone in machine.kernel.nodes.populated], strict=True):
        runs = [run for run in zone["runs"] if run[2] == "free"]
        assert sum(run[1] for run in runs) == zone["free"] == buddy.free[0]
        assert sum(count << order for order, count in enumerate(zone["orders"])) == zone["free"]
        for pfn, pages, _, order in runs:
            assert pfn % (1 << order) == 0
            assert pages == 1 << order or order == 10


def test_pages_have_the_owner_that_asked_for_them(machine: Machine) -> None:
    pages: dict[str, int] = {}
    for zone in gather.zones(machine.kernel):
        for _, count, whose, _ in zone["runs"]:
            pages[whose] = pages.get(whose, 0) + count
    assert pages["pages"] == 4 and pages["vmalloc"] == 5 and pages["kmalloc"] == 8
    assert pages["slab holder_items"] >= 1 and pages["cpu list"] > 0 and pages["reserved"] > 0


def test_the_map_of_a_slab_shows_the_objects_of_the_module(machine: Machine) -> None:
    caches = {cache["name"]: cache for cache in gather.slabs(machine.kernel)}
    own = caches["holder_items"]
    assert (own["object_size"], own["live"]) == (328, 7)
    assert sum(slab["map"].count("#") for slab in own["slabs"]) == 7
    assert all(len(slab["map"]) == own["objects"] for slab in own["slabs"])
    assert own["total"] == own["objects"] * len(own["slabs"])


def test_nothing_of_the_machine_changes(machine: Machine) -> None:
    def state() -> tuple[object, ...]:
        k = machine.kernel
        return machine.proc("buddyinfo"), bytes(k.ram.mem), set(k.slab.made), list(map(str, k.slab.used_caches()))

    before = state()
    gather.zones(machine.kernel), gather.slabs(machine.kernel)
    assert state() == before


def test_a_timeline_of_a_machine_ends_with_what_the_module_holds(build_ko: Callable[[Path], Path]) -> None:
    with Machine(memory="64M", tally=True) as machine:
        timeline = Timeline(machine.kernel)
        machine.insmod(build_ko(ROOT / "tests" / "runtime" / "report" / "holder.c"))
        _, _, slab, pages, vmalloc, percpu = timeline.samples[-1]
        assert (slab, pages, vmalloc, percpu) == (7 * 328 + 20000, 4 * 4096, 5 * 4096, 16)
        machine.rmmod("holder")
        assert timeline.samples[-1][2:] == (0, 0, 0, 0)
