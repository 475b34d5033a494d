"""/proc/slabinfo: every cache of the real kernel, in its order and with its geometry; then those of modules."""

import csv
from pathlib import Path

from runtime.mm.boot_caches import CACHES
from runtime.mm.slabinfo import slabinfo
from tests.runtime.mm.rig import ABI, Rig
from tests.runtime.mm.test_slab import CTOR, construct

DATA = Path(__file__).parent / "data"
GFP_KERNEL = ABI.const["GFP_KERNEL"]


def rows(text: str) -> list[tuple[str, int, int, int]]:
    """(name, objsize, objperslab, pagesperslab) of every line."""
    return [(w[0], int(w[3]), int(w[4]), int(w[5])) for w in map(str.split, text.splitlines()[2:])]


def test_without_modules_it_is_the_real_kernels_table(rig: Rig) -> None:
    real = (DATA / "slabinfo.txt").read_text()
    text = slabinfo(rig.slab)
    assert text.splitlines()[:2] == real.splitlines()[:2]
    assert rows(text) == rows(real)
    with (DATA / "slab-geometry-64.csv").open() as file:
        table = [
            (r["name"], int(r["objsize"]), int(r["objperslab"]), int(r["pagesperslab"])) for r in csv.DictReader(file)
        ]
    assert rows(text) == table


def test_a_line_is_laid_out_as_linux_prints_it(rig: Rig) -> None:
    for _ in range(3):
        rig.slab.kmalloc(30, GFP_KERNEL)
    line = next(line for line in slabinfo(rig.slab).splitlines() if line.startswith("kmalloc-32 "))
    assert line == (
        "kmalloc-32           128    128     32  128    1 : tunables    0    0    0 : slabdata      1      1      0"
    )


def test_reading_it_again_changes_nothing_on_a_machine_that_can_be_taken_back() -> None:
    slab = Rig(journal=True).slab
    assert slabinfo(slab) == slabinfo(slab)
    assert slab.own("vmap_area").refcount == 1 + sum(row[7] == "vmap_area" for row in CACHES)


def test_a_modules_cache_comes_first_and_a_shared_one_has_no_line(rig: Rig) -> None:
    before = [row[0] for row in rows(slabinfo(rig.slab))]
    own = rig.slab.create("my_cache", 100, 0, 0, CTOR)
    rig.slab.create("my_alias", 64, 0, 0, 0)
    assert [row[0] for row in rows(slabinfo(rig.slab))] == ["my_cache", *before]
    construct(rig.slab, own)
    assert slabinfo(rig.slab).splitlines()[2].split()[:3] == ["my_cache", "36", "36"]
    rig.slab.destroy(own)
    assert rows(slabinfo(rig.slab))[0][0] == "my_cache", "it still has an object"


def test_slub_nomerge_shows_the_kernels_caches_apart() -> None:
    names = [row[0] for row in rows(slabinfo(Rig(cmdline={"slub_nomerge": ""}).slab))]
    assert len(names) == 194 and "pool_workqueue" in names
