"""Freeing pages the unusual way: more references, wrong orders, bad states."""

import pytest

from runtime.errors import GuestFault
from tests.runtime.mm.rig import ABI, KERNEL_IMAGE, Rig

C = ABI.const
GFP_KERNEL = C["GFP_KERNEL"]


def alloc(rig: Rig, order: int = 0, flags: int = 0) -> int:
    pfn = rig.pages.alloc_pages(GFP_KERNEL | flags, order)
    assert pfn is not None
    return pfn


def kinds(rig: Rig) -> list[str]:
    return [kind for kind, _ in rig.ctx.findings]


def test_a_double_free_is_found_and_changes_nothing_else(rig: Rig) -> None:
    pfn = alloc(rig)
    rig.pages.free_pages(pfn)
    rig.pages.free_pages(pfn)
    assert kinds(rig) == ["double-free"] and rig.ctx.log == []
    assert rig.pages.pages.refcount(pfn) == -1, "as in Linux"
    assert alloc(rig) == pfn and rig.pages.pages.refcount(pfn) == 1
    rig.check()


def test_the_second_free_names_the_first(rig: Rig) -> None:
    rig.ctx.keep_freed = True
    pfn = alloc(rig)
    rig.ctx.frames = (77,)
    rig.pages.free_pages(pfn)
    rig.pages.free_pages(pfn)
    assert rig.ctx.details[0]["freed"] == (77,)


def test_too_small_an_order_frees_the_first_part_and_leaks_the_rest(rig: Rig) -> None:
    pfn = alloc(rig, 3)
    rig.pages.free_pages(pfn, 1)
    assert kinds(rig) == ["mismatched-free"]
    assert {p: record[0] for p, record in rig.ctx.books.pages.items()} == {pfn + 2: 1, pfn + 4: 2}
    for rest, order in ((pfn + 2, 1), (pfn + 4, 2)):
        rig.pages.free_pages(rest, order)
    assert kinds(rig) == ["mismatched-free"]
    rig.check()


def test_too_large_an_order_frees_what_was_allocated(rig: Rig) -> None:
    pfn = alloc(rig, 1)
    rig.pages.free_pages(pfn, 3)
    assert kinds(rig) == ["mismatched-free"] and rig.ctx.books.pages == {}
    rig.check()


def test_a_page_inside_a_block_cannot_be_freed(rig: Rig) -> None:
    pfn = alloc(rig, 2)
    rig.pages.free_pages(pfn + 1)
    assert rig.ctx.findings == [("invalid-free", "free_pages() of page 1 of a block: only its first page can be freed")]
    assert pfn in rig.ctx.books.pages


def test_a_page_inside_a_block_that_was_freed_is_in_a_bad_state_when_the_block_is_freed(rig: Rig) -> None:
    pfn = alloc(rig, 1)
    rig.pages.free_pages(pfn + 1)
    assert rig.pages.pages.refcount(pfn + 1) == -1 and rig.ctx.log == []
    rig.pages.free_pages(pfn, 1)
    assert rig.ctx.log[0] == f"BUG: Bad page state in process insmod  pfn:{pfn + 1:05x}"
    assert rig.ctx.log[-1] == "page dumped because: nonzero _refcount"
    assert rig.pages.counts()["lost"] == 2, "as in Linux, the whole block is never used again"


def test_a_slabs_page_is_not_for_free_pages(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.pages.free_pages(rig.pages.pfn_of(objp))
    assert kinds(rig) == ["mismatched-free"]
    rig.check()


def test_a_reserved_page_is_not_for_free_pages_either(rig: Rig) -> None:
    rig.pages.free_pages(KERNEL_IMAGE[0] >> 12)
    assert rig.ctx.findings == [("invalid-free", "free_pages() of a page that the kernel has reserved")]


def test_a_frame_that_is_not_ram_faults_at_its_struct_page(rig: Rig) -> None:
    with pytest.raises(GuestFault):
        rig.pages.free_pages(1 << 40)
    assert kinds(rig) == ["invalid-free"]


def test_a_second_reference_keeps_the_page(rig: Rig) -> None:
    pfn = alloc(rig)
    rig.pages.pages.set_refcount(pfn, 2)
    rig.pages.free_pages(pfn)
    assert pfn in rig.ctx.books.pages and rig.ctx.findings == []
    rig.pages.pages.set_refcount(pfn, 0)
    rig.pages.folio_put(pfn)
    assert rig.ctx.books.pages == {} and alloc(rig) == pfn


def test_a_referenced_block_loses_all_but_its_first_page(rig: Rig) -> None:
    pfn = alloc(rig, 2)
    rig.pages.pages.set_refcount(pfn, 2)
    rig.pages.free_pages(pfn, 2)
    assert {p: record[0] for p, record in rig.ctx.books.pages.items()} == {pfn: 0}
    rig.pages.free_pages(pfn)
    assert rig.ctx.books.pages == {} and rig.ctx.findings == []
    rig.pages.drain_all()
    rig.check()


def test_a_referenced_compound_page_stays_whole(rig: Rig) -> None:
    pfn = alloc(rig, 2, C["__GFP_COMP"])
    rig.pages.pages.set_refcount(pfn, 2)
    rig.pages.free_pages(pfn, 2)
    assert {p: record[0] for p, record in rig.ctx.books.pages.items()} == {pfn: 2}
    rig.pages.pages.set_refcount(pfn, 0)
    rig.pages.folio_put(pfn)
    rig.pages.drain_all()
    rig.check()


def test_a_page_in_a_bad_state_is_reported_and_never_used_again(rig: Rig) -> None:
    pfn = alloc(rig)
    page = rig.page_words(pfn)
    page.mapping = 0x1234560
    rig.pages.free_pages(pfn)
    assert rig.ctx.log[0] == f"BUG: Bad page state in process insmod  pfn:{pfn:05x}"
    assert rig.ctx.log[1] == (
        f"page:{rig.pages.pages.page(pfn):016x} refcount:0 mapcount:0 mapping:0000000001234560 index:0x0 pfn:{pfn:#x}"
    )
    assert rig.ctx.log[-1] == "page dumped because: non-NULL mapping"
    assert rig.pages.lost == {pfn: 0}
    assert all(alloc(rig) != pfn for _ in range(200))


def test_a_locked_page_is_in_a_bad_state(rig: Rig) -> None:
    pfn = alloc(rig)
    page = rig.page_words(pfn)
    page.flags = page.flags | 1 << C["PG_locked"]
    rig.pages.free_pages(pfn)
    assert "flags: 0xfffffc0000001(locked|node=0|zone=1|lastcpupid=0x1fffff)" in rig.ctx.log
    assert rig.ctx.log[-1] == "page dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set"


def test_harmless_changes_to_struct_page_are_cleaned_up(rig: Rig) -> None:
    pfn = alloc(rig, 1)
    page = rig.page_words(pfn)
    page.private, page.index, page.flags = 5, 6, page.flags | 1 << C["PG_uptodate"]
    rig.pages.free_pages(pfn, 1)
    assert rig.ctx.log == [] and alloc(rig, 1) == pfn
    again = rig.page_words(pfn)
    assert (again.private, again.index) == (0, 0)
