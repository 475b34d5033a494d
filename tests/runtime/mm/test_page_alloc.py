"""The page allocator: zones, flags, struct pages, scarcity, and a state machine against a plain model."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.mm.page_alloc import PageAllocator, order_of
from runtime.units import GiB, MiB
from tests.runtime.mm.rig import ABI, Rig

Pages = Callable[..., PageAllocator]
C = ABI.const
GFP_KERNEL, GFP_ATOMIC, GFP_DMA, GFP_DMA32 = (C[name] for name in ("GFP_KERNEL", "GFP_ATOMIC", "GFP_DMA", "GFP_DMA32"))


def test_a_page_is_cleared_and_has_one_reference(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages(GFP_KERNEL)
    assert pfn is not None
    rig.ctx.mem.write(rig.pages.virt(pfn), b"old")
    rig.pages.free_pages(pfn)
    assert rig.pages.alloc_pages(GFP_KERNEL) == pfn, "last in, first out"
    assert rig.ctx.mem.read(rig.pages.virt(pfn), 4096) == bytes(4096)
    page = rig.page_words(pfn)
    assert (page._refcount.counter, page._mapcount.counter, page.private) == (1, -1, 0)


def test_with_init_on_alloc_0_a_page_keeps_what_was_in_it_unless_it_is_asked_for_zero() -> None:
    rig = Rig(cmdline={"init_on_alloc": "0"})
    pfn = rig.pages.alloc_pages(GFP_KERNEL)
    assert pfn is not None
    rig.ctx.mem.write(rig.pages.virt(pfn), b"old")
    rig.pages.free_pages(pfn)
    assert rig.pages.alloc_pages(GFP_KERNEL) == pfn
    assert rig.ctx.mem.read(rig.pages.virt(pfn), 3) == b"old"
    rig.pages.free_pages(pfn)
    assert rig.pages.alloc_pages(GFP_KERNEL | C["__GFP_ZERO"]) == pfn
    assert rig.ctx.mem.read(rig.pages.virt(pfn), 3) == bytes(3)


def test_init_on_free_clears_at_once() -> None:
    rig = Rig(cmdline={"init_on_free": "1"})
    pfn = rig.pages.alloc_pages(GFP_KERNEL, 1)
    assert pfn is not None
    rig.ctx.mem.write(rig.pages.virt(pfn), b"secret")
    rig.pages.free_pages(pfn, 1)
    assert rig.ctx.mem.read(rig.pages.virt(pfn), 6) == bytes(6)


def test_struct_page_names_the_zone_and_the_node(pages: Pages) -> None:
    alloc = pages(5 * GiB)
    for gfp, zone in ((GFP_DMA, 0), (GFP_DMA32, 1), (GFP_KERNEL, 2)):
        pfn = alloc.alloc_pages(gfp)
        assert pfn is not None and alloc.nodes.zone(pfn).index == zone
        flags = alloc.pages.page_flags(pfn)
        assert flags >> C["ZONES_PGSHIFT"] & C["ZONES_MASK"] == zone
        assert flags >> C["LAST_CPUPID_PGSHIFT"] & C["LAST_CPUPID_MASK"] == C["LAST_CPUPID_MASK"]
        assert (gfp != GFP_DMA or pfn < 4096) and (gfp != GFP_DMA32 or pfn < 1 << 20)


def test_the_hole_below_4_gib_is_never_handed_out(pages: Pages) -> None:
    alloc = pages(5 * GiB)
    hole = range(3 * GiB >> 12, 4 * GiB >> 12)
    assert not alloc.nodes.is_ram(hole[0]) and not alloc.nodes.is_ram(hole[-1])
    assert alloc.nodes.is_ram(hole[-1] + 1)


def test_a_compound_page_tells_its_head_and_order(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages(GFP_KERNEL | C["__GFP_COMP"], 3)
    assert pfn is not None
    pages = rig.pages.pages
    assert pages.page_flags(pfn) & pages.PG_head and pages.compound_order(pfn) == 3
    assert [pages.compound_head(pfn + i) for i in range(8)] == [pfn] * 8
    second = rig.page_words(pfn + 1)
    assert (second.compound_dtor, second.compound_order, second.compound_nr) == (C["COMPOUND_PAGE_DTOR"], 3, 8)
    assert [pages.refcount(pfn + i) for i in range(8)] == [1] + [0] * 7
    rig.pages.free_pages(pfn, 3)
    assert [pages.compound_head(pfn + i) for i in range(8)] == list(range(pfn, pfn + 8))
    assert not pages.page_flags(pfn) & pages.PG_head


def test_free_blocks_are_marked_as_buddies(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages(GFP_KERNEL, 5)
    assert pfn is not None
    rig.pages.free_pages(pfn, 5)
    zone = rig.pages.nodes.zone(pfn)
    seen = 0
    for head, order, _ in zone.buddy.blocks():
        page = rig.page_words(head)
        assert (page.page_type, page.private) == (rig.pages.pages.buddy_type, order)
        seen += 1
    assert seen > 1


def test_an_order_above_10_is_refused_with_one_warning_a_boot(rig: Rig) -> None:
    assert rig.pages.alloc_pages(GFP_KERNEL | C["__GFP_NOWARN"], 11) is None
    assert rig.ctx.warnings == []
    assert rig.pages.alloc_pages(GFP_KERNEL, 11) is None
    assert rig.pages.alloc_pages(GFP_KERNEL, 11) is None
    assert rig.ctx.warnings == [("__alloc_pages", "mm/page_alloc.c", 5634)]


def test_sleeping_in_atomic_context_is_a_finding_and_atomic_flags_are_not(rig: Rig) -> None:
    rig.ctx.atomic = True
    assert rig.pages.alloc_pages(GFP_ATOMIC) is not None
    assert rig.ctx.findings == []
    assert rig.pages.alloc_pages(GFP_KERNEL) is not None
    assert [kind for kind, _ in rig.ctx.findings] == ["sleep-in-atomic"]


def test_an_injected_failure_is_silent(rig: Rig) -> None:
    class Always:
        def fails(self, kind: str, size: int, gfp: int, stack: tuple[int, ...], what: str = "") -> bool:
            assert (kind, size, gfp, stack) == ("page", 8192, GFP_KERNEL, (1, 2, 3, 4, 5))
            return True

    rig.ctx.plan = Always()
    assert rig.pages.alloc_pages(GFP_KERNEL, 1) is None
    assert rig.ctx.log == [] and rig.ctx.books.pages == {}


def test_the_books_have_every_live_block_with_its_stack(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages(GFP_KERNEL, 2)
    assert pfn is not None
    live = list(rig.ctx.books.live_objects(rig.pages.virt))
    assert live == [("page", rig.pages.virt(pfn), 16384, (1, 2, 3, 4, 5))]
    rig.pages.free_pages(pfn, 2)
    assert list(rig.ctx.books.live_objects(rig.pages.virt)) == []


def test_split_pages_are_freed_one_by_one(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages(GFP_KERNEL, 2)
    assert pfn is not None
    rig.pages.split_page(pfn, 2)
    for single in range(pfn, pfn + 4):
        assert rig.pages.pages.refcount(single) == 1
        rig.pages.free_pages(single)
    assert rig.ctx.findings == [] and rig.ctx.books.pages == {}


def test_alloc_pages_exact_gives_the_rest_back(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages_exact(5 * 4096 + 1, GFP_KERNEL)
    assert pfn is not None
    assert sorted(rig.ctx.books.pages) == list(range(pfn, pfn + 6))
    rig.pages.free_pages_exact(pfn, 5 * 4096 + 1)
    assert rig.ctx.books.pages == {} and rig.ctx.findings == []


def test_a_second_node_serves_what_is_asked_of_it(pages: Pages) -> None:
    alloc = pages(1 * GiB, nr_nodes=2)
    for nid in (0, 1):
        pfn = alloc.alloc_pages(GFP_KERNEL, 0, nid)
        assert pfn is not None and alloc.nodes.zone(pfn).nid == nid
        assert alloc.pages.page_flags(pfn) >> C["NODES_PGSHIFT"] & C["NODES_MASK"] == nid
    thisnode = GFP_KERNEL | C["__GFP_THISNODE"] | C["__GFP_NORETRY"] | C["__GFP_NOWARN"]
    while (pfn := alloc.alloc_pages(thisnode, 10, 1)) is not None:
        assert alloc.nodes.zone(pfn).nid == 1
    assert alloc.alloc_pages(GFP_KERNEL, 0, 1) is not None, "without THISNODE the other node helps out"


@pytest.mark.parametrize(("size", "order"), [(0, 0), (1, 0), (4096, 0), (4097, 1), (8192, 1), (8193, 2), (4 << 20, 10)])
def test_order_of_is_get_order(size: int, order: int) -> None:
    assert order_of(size) == order


def test_boot_costs_the_same_for_any_size(pages: Pages) -> None:
    small, large = pages(64 * MiB), pages(64 * GiB)
    count = [sum(len(blocks) for zone in a.nodes.populated for blocks in zone.buddy.lists) for a in (small, large)]
    assert count[1] < 60 and len(large.pages.filled) < 20


@pytest.mark.parametrize("size", [16 * MiB, 64 * MiB, 1 * GiB, 6 * GiB])
def test_everything_merges_again_after_much_use(size: int) -> None:
    rig, random, live = Rig(size), Random(size), []
    alloc = rig.pages
    alloc.drain_all()
    before = [sorted(b[:2] for b in zone.buddy.blocks()) for zone in alloc.nodes.populated] if size < GiB else None
    for step in range(2000):
        rig.ctx.cpu = step % 2
        if live and random.random() < 0.45:
            alloc.free_pages(*live.pop(random.randrange(len(live))))
        else:
            order = min(10, int(random.expovariate(0.6)))
            gfp = random.choice(
                [GFP_KERNEL, GFP_ATOMIC, GFP_DMA, GFP_KERNEL | C["__GFP_COMP"], C["GFP_HIGHUSER_MOVABLE"]]
            )
            pfn = alloc.alloc_pages(gfp | C["__GFP_NOWARN"], order)
            if pfn is not None:
                live.append((pfn, order))
    alloc.check()
    for block in live:
        alloc.free_pages(*block)
    alloc.drain_all()
    alloc.check()
    assert rig.ctx.findings == [] and alloc.counts()["pcp"] == 0
    if before is not None:
        assert [sorted(b[:2] for b in zone.buddy.blocks()) for zone in alloc.nodes.populated] == before


class PageMachine(RuleBasedStateMachine):
    """The model: blocks that are live, and how many pages there are in all."""

    def __init__(self) -> None:
        super().__init__()
        self.rig = Rig(32 * MiB)
        self.alloc = self.rig.pages
        self.alloc.drain_all()
        self.total = self.alloc.counts()["free"]
        self.live: dict[int, int] = {}

    @rule(order=st.integers(0, 6), gfp=st.sampled_from([GFP_KERNEL, GFP_ATOMIC, GFP_DMA, GFP_KERNEL | C["__GFP_COMP"]]))
    def take(self, order: int, gfp: int) -> None:
        pfn = self.alloc.alloc_pages(gfp, order)
        assert pfn is not None, "there is always enough for 100 such blocks"
        block = range(pfn, pfn + (1 << order))
        assert all(not set(block) & set(range(p, p + (1 << o))) for p, o in self.live.items())
        self.live[pfn] = order

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1 << 30))
    def give(self, which: int) -> None:
        pfn = sorted(self.live)[which % len(self.live)]
        self.alloc.free_pages(pfn, self.live.pop(pfn))

    @rule(cpu=st.integers(0, 1))
    def migrate(self, cpu: int) -> None:
        self.rig.ctx.cpu = cpu

    @rule()
    def drain(self) -> None:
        self.alloc.drain_all()

    @invariant()
    def struct_pages_and_counts_are_true(self) -> None:
        self.alloc.check()
        counts = self.alloc.counts()
        assert counts["free"] + counts["pcp"] + sum(1 << order for order in self.live.values()) == self.total
        for pfn, order in self.live.items():
            assert self.alloc.pages.refcount(pfn) == 1
            assert order == 0 or self.alloc.pages.refcount(pfn + 1) == 0

    def teardown(self) -> None:
        for pfn, order in self.live.items():
            self.alloc.free_pages(pfn, order)
        self.alloc.drain_all()
        self.alloc.check()
        assert self.alloc.counts()["free"] == self.total
        assert self.rig.ctx.findings == []


# 100 runs of 100 steps: 10,000 steps.
PageMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=100, deadline=None, print_blob=True)
TestPageMachine = PageMachine.TestCase
