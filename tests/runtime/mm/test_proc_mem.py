"""/proc texts: the same lines, names and columns as the real kernel's, numbers aside."""

import re
from pathlib import Path

import pytest

from runtime.mm.proc_mem import buddyinfo, meminfo, pagetypeinfo, zoneinfo
from runtime.units import GiB
from tests.runtime.mm.rig import ABI, Rig

DATA = Path(__file__).parent / "data"
GFP_KERNEL = ABI.const["GFP_KERNEL"]


def form(text: str) -> str:
    """The text with every number, and the blanks before it, as #."""
    return re.sub(r" *\b\d+", "#", text)


@pytest.mark.parametrize("name", ["buddyinfo", "pagetypeinfo", "zoneinfo", "meminfo"])
def test_the_format_is_the_real_kernels(name: str) -> None:
    rig = Rig(1 * GiB)
    texts = {
        "buddyinfo": lambda: buddyinfo(rig.pages),
        "pagetypeinfo": lambda: pagetypeinfo(rig.pages),
        "zoneinfo": lambda: zoneinfo(rig.pages),
        "meminfo": lambda: meminfo(rig.pages, rig.vmalloc, rig.percpu),
    }
    real, ours = (DATA / f"{name}.txt").read_text(), texts[name]()
    assert form(ours) == form(real)
    assert [len(line) for line in ours.split("\n")[:1]] == [len(line) for line in real.split("\n")[:1]]


def test_a_taken_block_is_missing_in_buddyinfo(rig: Rig) -> None:
    def large() -> list[int]:
        return [int(line.split()[-1]) for line in buddyinfo(rig.pages).splitlines()]

    before = large()
    pfn = rig.pages.alloc_pages(GFP_KERNEL, 10)
    assert pfn is not None and sum(before) - sum(large()) == 1
    rig.pages.free_pages(pfn, 10)
    assert large() == before


def test_pagetypeinfo_counts_every_pageblock_once() -> None:
    rig = Rig(1 * GiB)
    rig.slab.kmalloc(64, GFP_KERNEL)
    lines = pagetypeinfo(rig.pages).splitlines()[-2:]
    counts = [[int(word) for word in line.split()[4:]] for line in lines]
    assert [sum(row) for row in counts] == [8, 504]
    assert counts[1][0] == 2, "the first kernel allocation took over a block of order 10"


def test_meminfo_adds_up(rig: Rig) -> None:
    rows = dict(re.findall(r"(\S+): +(\d+)", meminfo(rig.pages, rig.vmalloc, rig.percpu)))
    value = {name: int(number) for name, number in rows.items()}
    assert value["MemTotal"] == sum(zone.managed for zone in rig.pages.nodes.populated) * 4
    assert value["Slab"] == value["SReclaimable"] + value["SUnreclaim"] > 0
    assert 0 < value["MemAvailable"] <= value["MemFree"] < value["MemTotal"]
    assert value["VmallocTotal"] == 34359738367
    rig.vmalloc.vmalloc(40960)
    after = dict(re.findall(r"(\S+): +(\d+)", meminfo(rig.pages, rig.vmalloc, rig.percpu)))
    assert int(after["VmallocUsed"]) == value["VmallocUsed"] + 40
