"""Ranges of addresses: first fit, alignment, and freed ranges that wait."""

from runtime.mm.vmap_space import VmapSpace
from runtime.undo import Undo

BASE = 0x100000


def test_the_lowest_gap_that_is_large_enough_is_taken() -> None:
    space = VmapSpace(Undo(False), BASE, BASE + 0x10000, 2)
    starts = [space.take(0x2000) for _ in range(4)]
    assert starts == [BASE, BASE + 0x2000, BASE + 0x4000, BASE + 0x6000]
    space.give(starts[1])
    space.purge()
    assert space.take(0x3000) == BASE + 0x8000
    assert space.take(0x1000) == starts[1]
    assert space.take(0x1000) == starts[1] + 0x1000
    space.check()


def test_alignment_leaves_a_gap_that_is_used_later() -> None:
    space = VmapSpace(Undo(False), BASE, BASE + 0x10000, 2)
    space.take(0x1000)
    assert space.take(0x1000, 0x4000) == BASE + 0x4000
    assert space.take(0x3000) == BASE + 0x1000
    space.check()


def test_a_full_space_is_purged_before_it_says_no() -> None:
    space = VmapSpace(Undo(False), BASE, BASE + 0x2000, 2)
    first = space.take(0x2000)
    assert space.take(0x1000) == 0
    space.give(first)
    assert space.take(0x1000) == BASE


def test_the_limit_of_waiting_pages_grows_with_the_cpus() -> None:
    limits = [VmapSpace(Undo(False), 0, 1 << 30, cpus).lazy_max for cpus in (1, 2, 4)]
    assert limits == [8192, 16384, 24576]
