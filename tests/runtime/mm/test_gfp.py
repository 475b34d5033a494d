"""gfp flags as %pGg prints them, and what they ask for."""

import pytest

from runtime.mm.gfp import Gfp
from tests.runtime.mm.rig import ABI

G = Gfp(ABI)
C = ABI.const


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (0xCC0, "GFP_KERNEL"),
        (0xDC0, "GFP_KERNEL|__GFP_ZERO"),
        (0xA20, "GFP_ATOMIC"),
        (0x10CC0, "GFP_KERNEL|__GFP_NORETRY"),
        (0x2CC2, "GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN"),
        (0x1, "GFP_DMA"),
        (0xCC1, "GFP_KERNEL|GFP_DMA"),
        (0x400, "__GFP_DIRECT_RECLAIM"),
        (0x1C24CA, "GFP_TRANSHUGE"),
        (0x80000000, "0x80000000"),
        (0, ""),
    ],
)
def test_flags_are_printed_as_linux_prints_them(flags: int, text: str) -> None:
    assert G.text(flags) == text


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("GFP_KERNEL", 2),
        ("GFP_DMA", 0),
        ("GFP_DMA32", 1),
        ("GFP_HIGHUSER", 2),
        ("GFP_HIGHUSER_MOVABLE", 3),
        ("GFP_ATOMIC", 2),
    ],
)
def test_the_zone_bits_name_the_highest_zone(name: str, zone: int) -> None:
    assert G.zone_index(C[name]) == zone


def test_mobility_and_sleep() -> None:
    assert [G.migratetype(C[name]) for name in ("GFP_KERNEL", "GFP_HIGHUSER_MOVABLE", "__GFP_RECLAIMABLE")] == [0, 1, 2]
    assert G.may_sleep(C["GFP_KERNEL"]) and G.may_sleep(C["GFP_NOIO"])
    assert not G.may_sleep(C["GFP_ATOMIC"]) and not G.may_sleep(C["GFP_NOWAIT"])
