"""Scarcity: watermarks, reserves, the OOM killer, and the report of a failed allocation."""

import pytest

from runtime.errors import KernelPanic
from runtime.units import MiB
from tests.runtime.mm.rig import ABI, Rig

C = ABI.const
GFP_KERNEL, GFP_ATOMIC, GFP_NOWAIT = C["GFP_KERNEL"], C["GFP_ATOMIC"], C["GFP_NOWAIT"]
NORETRY, NOWARN, NOFAIL = C["__GFP_NORETRY"], C["__GFP_NOWARN"], C["__GFP_NOFAIL"]


def small(oom: bool = False) -> Rig:
    rig = Rig(16 * MiB)
    rig.ctx.oom_kill = lambda gfp, order: oom
    return rig


def exhaust(rig: Rig, gfp: int, order: int = 0) -> int:
    count = 0
    while rig.pages.alloc_pages(gfp | NOWARN, order) is not None:
        count += 1
    return count


def left(rig: Rig) -> int:
    return sum(zone.free[0] for zone in rig.pages.nodes.populated)


def test_the_deeper_the_need_the_deeper_the_reserve() -> None:
    low, depth = small().pages.nodes.populated[0].watermark[0], []
    for gfp in (GFP_NOWAIT | NORETRY, GFP_KERNEL | NORETRY, GFP_KERNEL | C["__GFP_HIGH"] | NORETRY, GFP_ATOMIC):
        rig = small()
        exhaust(rig, gfp)
        depth.append(left(rig))
    assert depth[0] == depth[1] == low, "without the reserve: down to the min watermark"
    assert depth[2] == low - low // 2
    assert depth[3] == low - low // 2 - (low - low // 2) // 4
    rig = small()
    exhaust(rig, GFP_KERNEL | C["__GFP_MEMALLOC"])
    assert left(rig) == 0


def killable(rig: Rig) -> list[tuple[int, int]]:
    """A machine with a process that can be killed. What its killer was asked for, as it is asked."""
    killed: list[tuple[int, int]] = []
    rig.ctx.oom_kill = lambda gfp, order: killed.append((gfp, order)) or True  # type: ignore[func-returns-value]
    rig.ctx.fatal_signal_pending = lambda: bool(killed)
    return killed


def test_the_oom_victim_may_use_half_of_the_reserve() -> None:
    rig = small()
    low = rig.pages.nodes.populated[0].watermark[0]
    killed = killable(rig)
    exhaust(rig, GFP_KERNEL)
    assert killed[0] == (GFP_KERNEL | NOWARN, 0)
    assert left(rig) == low - low // 2


def test_who_is_dying_already_is_not_killed_again() -> None:
    rig = small()
    killed = killable(rig)
    exhaust(rig, GFP_KERNEL)
    exhaust(rig, GFP_KERNEL)
    assert len(killed) == 1


def test_a_dying_task_has_the_victims_reserve_instead_of_that_of_its_flags() -> None:
    rig = small()
    low = rig.pages.nodes.populated[0].watermark[0]
    killable(rig).append((0, 0))
    exhaust(rig, GFP_ATOMIC)
    assert left(rig) == low - low // 2
    exhaust(rig, GFP_KERNEL | C["__GFP_MEMALLOC"])
    assert left(rig) == 0


def test_nobody_is_killed_for_memory_below_the_normal_zone() -> None:
    rig = small()
    rig.ctx.oom_kill = lambda gfp, order: pytest.fail("killed")
    assert exhaust(rig, C["GFP_DMA"] | GFP_KERNEL) > 1000
    assert exhaust(rig, C["GFP_DMA32"] | GFP_KERNEL) == 0


@pytest.mark.parametrize("flag", ["__GFP_NORETRY", "__GFP_RETRY_MAYFAIL"])
def test_nobody_is_killed_for_those_who_can_do_without(flag: str) -> None:
    rig = small()
    rig.ctx.oom_kill = lambda gfp, order: pytest.fail("killed")
    assert exhaust(rig, GFP_KERNEL | C[flag]) > 1000


def test_nobody_is_killed_for_large_orders() -> None:
    rig = small()
    rig.ctx.oom_kill = lambda gfp, order: pytest.fail("killed")
    exhaust(rig, GFP_KERNEL, 4)


def test_the_report_is_the_real_kernels_line_by_line() -> None:
    rig = small()
    exhaust(rig, GFP_KERNEL | NORETRY, 3)
    assert rig.pages.alloc_pages(GFP_KERNEL | NORETRY, 10) is None
    log = rig.ctx.log
    assert log[0] == (
        "insmod: page allocation failure: order:10, mode:0x10cc0(GFP_KERNEL|__GFP_NORETRY), nodemask=(null)"
        ",cpuset=/,mems_allowed=0"
    )
    assert log[1] == "Mem-Info:"
    zone = rig.pages.nodes.populated[0]
    line = next(line for line in log if line.startswith("Node 0 DMA free:"))
    assert line.startswith(f"Node 0 DMA free:{zone.free[0] * 4}kB boost:0kB min:{zone.watermark[0] * 4}kB low:")
    assert "lowmem_reserve[]: 0 0 0 0 0" in log
    blocks = next(line for line in log if line.startswith("Node 0 DMA: "))
    assert blocks.endswith(f"= {zone.free[0] * 4}kB") and "*4096kB " in blocks
    assert log[-1] == "0 pages hwpoisoned" and f"{zone.present} pages RAM" in log


def test_the_report_comes_once_in_ten_seconds_and_never_with_nowarn() -> None:
    rig = small()
    exhaust(rig, GFP_KERNEL | NORETRY)
    assert rig.ctx.log == []

    def reports() -> int:
        rig.pages.alloc_pages(GFP_KERNEL | NORETRY, 0)
        return sum("page allocation failure" in line for line in rig.ctx.log)

    assert reports() == 1 and reports() == 1
    rig.ctx.ticks += 10 * 250 + 1
    assert reports() == 2


def test_pages_on_per_cpu_lists_are_found_before_anything_fails() -> None:
    rig = small()
    held = []
    while (pfn := rig.pages.alloc_pages(GFP_KERNEL | NORETRY | NOWARN, 0)) is not None:
        held.append(pfn)
    rig.ctx.cpu = 1
    for pfn in held[:20]:
        rig.pages.free_pages(pfn)
    rig.ctx.cpu = 0
    assert rig.pages.alloc_pages(GFP_KERNEL | NORETRY, 0) is not None


def test_nofail_takes_from_the_reserve_and_ends_in_a_deadlock() -> None:
    rig = small()
    exhaust(rig, GFP_KERNEL | NORETRY)
    assert rig.pages.alloc_pages(GFP_KERNEL | NOFAIL) is not None
    with pytest.raises(KernelPanic, match="deadlocked on memory"):
        while rig.pages.alloc_pages(GFP_KERNEL | NOFAIL) is not None:
            pass


def test_nofail_that_cannot_wait_is_warned_about() -> None:
    rig = small()
    exhaust(rig, GFP_ATOMIC)
    assert rig.pages.alloc_pages(GFP_ATOMIC | NOFAIL) is None
    assert rig.ctx.warnings == [("__alloc_pages_slowpath", "mm/page_alloc.c", 5367)]


def test_nofail_above_order_1_is_warned_about(rig: Rig) -> None:
    assert rig.pages.alloc_pages(GFP_KERNEL | NOFAIL, 2) is not None
    assert rig.ctx.warnings == [("get_page_from_freelist", "mm/page_alloc.c", 3891)]


def test_atomic_flags_that_may_sleep_are_warned_about() -> None:
    rig = small()
    exhaust(rig, GFP_KERNEL | NORETRY)
    rig.pages.alloc_pages(GFP_KERNEL | NORETRY | C["__GFP_ATOMIC"])
    assert rig.ctx.warnings == [("__alloc_pages_slowpath", "mm/page_alloc.c", 5118)]


def test_a_high_order_atomic_allocation_reserves_its_pageblock() -> None:
    rig = small()
    exhaust(rig, GFP_NOWAIT, 4)
    assert rig.pages.alloc_pages(GFP_ATOMIC, 4) is not None
    zone = rig.pages.nodes.populated[0]
    assert zone.free[1] == 512
    rig.check()


def test_memory_above_a_zone_is_spared_for_those_who_need_it_low() -> None:
    rig = Rig(64 * MiB)
    dma = rig.pages.nodes.populated[0]
    exhaust(rig, GFP_KERNEL | NORETRY)
    assert dma.free[0] >= dma.watermark[0] + dma.lowmem_reserve[2] > dma.watermark[0]
    assert rig.pages.alloc_pages(C["GFP_DMA"]) is not None


def test_a_slab_that_gets_no_page_says_so() -> None:
    rig = small()
    exhaust(rig, GFP_KERNEL | NORETRY)
    assert rig.slab.kmalloc(2048, GFP_KERNEL | NORETRY) == 0
    at = rig.ctx.log.index("SLUB: Unable to allocate memory on node -1, gfp=0x10cc0(GFP_KERNEL|__GFP_NORETRY)")
    assert rig.ctx.log[at + 1] == (
        "  cache: kmalloc-2k, object size: 2048, buffer size: 2048, default order: 3, min order: 0"
    )
    assert rig.ctx.log[at + 2] == "  node 0: slabs: 0, objs: 0, free: 0"


def test_a_slab_makes_do_with_a_smaller_order() -> None:
    rig = small()
    held = []
    while (pfn := rig.pages.alloc_pages(GFP_KERNEL | C["__GFP_MEMALLOC"] | NOWARN, 0)) is not None:
        held.append(pfn)
    for pfn in held:
        if pfn % 2:
            rig.pages.free_pages(pfn)
    rig.pages.drain_all()
    objects = [rig.slab.kmalloc(2048, GFP_KERNEL) for _ in range(5)]
    cache = rig.slab.kmalloc_slab(2048, GFP_KERNEL)
    assert all(objects) and {slab.order for slab in cache.slabs.values()} == {0}
    for objp in objects:
        rig.slab.kfree(objp)
    rig.check()
    assert rig.ctx.findings == []
