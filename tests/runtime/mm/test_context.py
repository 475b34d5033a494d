"""What the allocators share: warnings once a boot, limited messages, the books."""

from tests.runtime.mm.rig import ABI, Rig

GFP_KERNEL = ABI.const["GFP_KERNEL"]


def test_a_site_warns_once_a_boot(rig: Rig) -> None:
    for _ in range(3):
        rig.ctx.warn_once("f", "mm/x.c", 1)
    rig.ctx.warn_once("f", "mm/x.c", 2)
    assert rig.ctx.warnings == [("f", "mm/x.c", 1), ("f", "mm/x.c", 2)]


def test_a_burst_is_let_through_and_then_the_interval_counts(rig: Rig) -> None:
    assert [rig.ctx.ratelimited("m", 5, 2) for _ in range(4)] == [True, True, False, False]
    rig.ctx.ticks = 5 * 250
    assert not rig.ctx.ratelimited("m", 5, 2)
    rig.ctx.ticks += 1
    assert [rig.ctx.ratelimited("m", 5, 2) for _ in range(3)] == [True, True, False]
    assert rig.ctx.ratelimited("other", 5, 1)


def test_everything_alive_is_listed_by_kind(rig: Rig) -> None:
    objp, virt = rig.slab.kmalloc(100, GFP_KERNEL), rig.vmalloc.vmalloc(5000)
    pfn, pointer = rig.pages.alloc_pages(GFP_KERNEL, 1), rig.percpu.alloc(12, 4)
    cache = rig.slab.create("mine", 321, 0, 0, 1)
    assert pfn is not None
    stack = (1, 2, 3, 4, 5)
    assert list(rig.ctx.books.live_objects(rig.pages.virt)) == [
        ("slab", objp, 100, stack),
        ("page", rig.pages.virt(pfn), 8192, stack),
        ("vmalloc", virt, 5000, stack),
        ("percpu", pointer, 12, stack),
        ("cache", cache, 321, stack),
    ]


def test_slub_debug_prints_pointers_as_they_are() -> None:
    assert not Rig().ctx.no_hash_pointers
    assert Rig(cmdline={"slub_debug": "F"}).ctx.no_hash_pointers
    assert Rig(cmdline={"no_hash_pointers": ""}).ctx.no_hash_pointers
