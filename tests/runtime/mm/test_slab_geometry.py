"""Sizes, alignments and orders: equal to the real kernel's, every row of the tables read from it (2 CPUs)."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.mm.slab_geometry import (
    DebugOptions,
    SlabFlags,
    calculate_alignment,
    calculate_order,
    calculate_sizes,
    cpu_partial_slabs,
    min_partial,
)
from tests.runtime.mm.rig import ABI, Rig

DATA = Path(__file__).parent / "data"
F = SlabFlags(ABI)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open() as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize("debug", ["", "FZPU"])
def test_caches_of_all_sizes_are_laid_out_as_in_linux(debug: str) -> None:
    cmdline = {"slub_nomerge": ""} | ({"slub_debug": debug} if debug else {})
    rig = Rig(cmdline=cmdline)
    table = [row for row in rows("slub-sizes-64.csv") if row["debug"] == debug]
    assert len(table) == 140
    for row in table:
        flags = F.HWCACHE_ALIGN if row["flags"] == "SLAB_HWCACHE_ALIGN" else 0
        address = rig.slab.create(
            row["name"], int(row["size"]), 0, flags, 0xFFFFFFFFC0000000 if row["ctor"] == "1" else 0
        )
        cache = rig.slab.cache_at(address)
        assert cache is not None
        ours = (cache.object_size, cache.size, cache.align, cache.order, cache.objects, cache.ksize(F))
        theirs = tuple(
            int(row[key]) for key in ("object_size", "slab_size", "align", "order", "objs_per_slab", "ksize")
        )
        assert ours == theirs, row["name"]
        rig.slab.destroy(address)


def test_the_kernels_own_caches_are_laid_out_as_in_linux() -> None:
    for row in rows("boot-caches-64.csv"):
        # object_size may have grown by merging; where the free pointer is was decided before.
        flags, ctor = int(row["flags"], 16), row["ctor"] == "1"
        got = calculate_sizes(F, int(row["object_size"]), flags, int(row["align"]), ctor, 2)
        limits = (min_partial(got.size), cpu_partial_slabs(got.size, got.objects))
        assert (got.size, got.order, got.objects) == tuple(int(row[key]) for key in ("size", "order", "objects"))
        assert limits == (int(row["min_partial"]), int(row["cpu_partial_slabs"])), row["name"]


def test_more_cpus_mean_larger_slabs() -> None:
    assert calculate_order(256, 2) == 0
    assert calculate_order(256, 16) == 1
    assert calculate_order(256, 64) == 1


def test_hwcache_align_wastes_no_line_on_small_objects() -> None:
    assert [calculate_alignment(F, F.HWCACHE_ALIGN, 0, size) for size in (8, 16, 17, 33, 64, 65)] == [
        8,
        16,
        32,
        64,
        64,
        64,
    ]
    assert calculate_alignment(F, 0, 0, 100) == 8
    assert calculate_alignment(F, F.HWCACHE_ALIGN, 256, 8) == 256


def test_an_object_that_no_slab_can_hold_has_no_geometry() -> None:
    assert calculate_sizes(F, 4 << 20, 0, 8, False, 2).objects == 1
    assert calculate_sizes(F, (4 << 20) + 1, 0, 8, False, 2).objects == 0


@pytest.mark.parametrize(
    ("option", "name", "flags"),
    [
        (None, "x", 0),
        ("", "x", F.DEBUG_DEFAULT),
        ("FZ", "x", F.CONSISTENCY_CHECKS | F.RED_ZONE),
        ("FZ,one,two", "two", F.CONSISTENCY_CHECKS | F.RED_ZONE),
        ("FZ,one,two", "three", 0),
        ("P,kmalloc-*", "kmalloc-64", F.POISON),
        ("P,kmalloc-*", "dma-kmalloc-64", 0),
        (",one", "one", F.DEBUG_DEFAULT),
        ("F;Z,one", "one", F.RED_ZONE),
        ("F;Z,one", "two", F.CONSISTENCY_CHECKS),
        ("-", "x", 0),
    ],
)
def test_slub_debug_is_read_as_linux_reads_it(option: str | None, name: str, flags: int) -> None:
    assert DebugOptions(F, option).apply(0, name) == flags
