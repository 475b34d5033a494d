"""struct page in guest memory: filled when somebody looks, and always true."""

from runtime.arch import x86_64
from runtime.units import GiB
from tests.runtime.mm.rig import ABI, KERNEL_IMAGE, Rig

C = ABI.const


def test_nothing_is_mapped_before_somebody_looks(rig: Rig) -> None:
    pages = rig.pages.pages
    page = pages.page(0x3800)
    assert rig.ctx.tables.lookup(page) == (0, 0)
    assert rig.ctx.mem.u32(page + pages.refcount_at) == 0
    assert rig.ctx.tables.lookup(page)[1]


def test_page_and_pfn_are_inverse(rig: Rig) -> None:
    pages = rig.pages.pages
    assert pages.page(0) == x86_64.VMEMMAP_START and pages.page(1) == x86_64.VMEMMAP_START + 64
    assert all(pages.pfn(pages.page(pfn)) == pfn for pfn in (0, 1, 4095, 16383))


def test_reserved_pages_say_so(rig: Rig) -> None:
    for pfn in (0, KERNEL_IMAGE[0] >> 12, 0xA0):
        page = rig.page_words(pfn)
        assert page._refcount.counter == 1 and page.flags & 1 << C["PG_reserved"], hex(pfn)


def test_a_never_touched_block_is_a_buddy_of_order_10(rig: Rig) -> None:
    low, _ = rig.pages.nodes.populated[-1].buddy.fresh[-1]
    head, tail = rig.page_words(low), rig.page_words(low + 1)
    assert (head.page_type, head.private) == (rig.pages.pages.buddy_type, 10)
    assert (tail._mapcount.counter, tail.private, tail._refcount.counter) == (-1, 0, 0)


def test_what_is_filled_late_is_the_same_as_what_was_kept_true() -> None:
    early, late = Rig(), Rig()
    early.pages.pages.fill_range(0, 16384)
    for rig in (early, late):
        for order in (0, 3, 5, 0, 7):
            pfn = rig.pages.alloc_pages(C["GFP_KERNEL"], order)
            assert pfn is not None
            if order == 5:
                rig.pages.free_pages(pfn, 5)
    late.pages.pages.fill_range(0, 16384)
    size = 16384 * 64
    maps = [rig.ctx.ram.mem[rig.pages.pages.phys : rig.pages.pages.phys + size] for rig in (early, late)]
    assert maps[0] == maps[1]


def test_zones_are_told_apart_at_their_borders() -> None:
    rig = Rig(5 * GiB)
    zone_of = lambda pfn: rig.page_words(pfn).flags >> C["ZONES_PGSHIFT"] & C["ZONES_MASK"]  # noqa: E731
    assert [zone_of(pfn) for pfn in (4095, 4096, (3 << 18) - 1, 1 << 20)] == [0, 1, 1, 2]
