"""Blocks of pages: splitting, merging, migrate types, and a state machine against a plain model."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.mm.buddy import HIGHATOMIC, MAX_ORDER, MOVABLE, RECLAIMABLE, UNMOVABLE, Buddy
from runtime.undo import Undo

START, END = 0x101, 0x3000 + 7  # neither end is aligned to anything


def make_buddy(journal: bool = False) -> Buddy:
    buddy = Buddy(Undo(journal))
    buddy.add_range(START, END)
    return buddy


def shape(buddy: Buddy) -> list[tuple[int, int]]:
    return sorted((pfn, order) for pfn, order, _ in buddy.blocks())


def test_a_range_is_given_as_its_largest_aligned_blocks() -> None:
    buddy = make_buddy()
    buddy.check()
    assert buddy.free[0] == END - START
    assert shape(buddy)[:3] == [(0x101, 0), (0x102, 1), (0x104, 2)]
    assert buddy.count(10, MOVABLE) == 0x3000 // 1024 - 1


def test_the_lowest_block_that_is_large_enough_is_split() -> None:
    buddy = make_buddy()
    assert buddy.take(0, MOVABLE) == 0x101
    assert buddy.take(1, MOVABLE) == 0x102
    assert buddy.take(3, MOVABLE) == 0x108
    assert buddy.take(0, MOVABLE) == 0x3006
    assert buddy.take(0, MOVABLE) == 0x3004, "the smallest, not the lowest"


def test_all_is_as_before_when_everything_was_given_back() -> None:
    buddy = make_buddy()
    before = shape(buddy)
    taken = []
    while (pfn := buddy.take(2, MOVABLE)) is not None:
        taken.append(pfn)
    assert buddy.free[0] < 4 * MAX_ORDER
    Random(1).shuffle(taken)
    for pfn in taken:
        buddy.give(pfn, 2)
    buddy.check()
    assert shape(buddy) == before


def test_an_unmovable_allocation_takes_over_the_pageblocks_that_it_breaks_up() -> None:
    buddy = make_buddy()
    pfn = buddy.take(0, UNMOVABLE)
    assert pfn is not None
    assert buddy.types[pfn >> 9] == UNMOVABLE
    assert buddy.take(0, UNMOVABLE) == pfn + 1, "the next one comes from the same pageblock"
    buddy.check()


def test_a_reclaimable_allocation_prefers_the_largest_foreign_block() -> None:
    buddy = make_buddy()
    pfn = buddy.take(3, RECLAIMABLE)
    assert pfn is not None and pfn % 1024 == 0, "a block of order 10, not one of the small ones"


def test_pageblocks_stay_whole_as_long_as_fragmenting_is_not_allowed() -> None:
    buddy = Buddy(Undo(False))
    buddy.add_range(0, 256)
    assert buddy.take(0, UNMOVABLE, fragment=False) is None
    assert buddy.take(0, UNMOVABLE, fragment=True) == 0


def test_reserved_pageblocks_serve_only_those_who_may_use_them() -> None:
    buddy = Buddy(Undo(False))
    buddy.add_range(0, 1024)
    first = buddy.take(2, MOVABLE)
    assert first is not None
    buddy.reserve_highatomic(first, managed=1024)
    assert buddy.free[1] == 512
    got = []
    while (pfn := buddy.take(0, UNMOVABLE)) is not None:
        got.append(pfn)
    assert len(got) == 512 and min(got) >= 512
    assert buddy.smallest(0, HIGHATOMIC) is not None
    assert buddy.unreserve_highatomic(UNMOVABLE, force=True)
    assert buddy.take(0, UNMOVABLE) is not None


def test_a_rewind_brings_back_the_free_lists_exactly() -> None:
    undo = Undo(True)
    buddy = Buddy(undo)
    buddy.add_range(START, END)
    state = (shape(buddy), [list(blocks) for blocks in buddy.lists], list(buddy.fresh), list(buddy.free))
    mark, random, live = undo.mark(), Random(7), []
    for _ in range(500):
        if live and random.random() < 0.4:
            buddy.give(*live.pop(random.randrange(len(live))))
        else:
            order = random.randrange(6)
            pfn = buddy.take(order, random.randrange(3))
            assert pfn is not None
            live.append((pfn, order))
    undo.rewind(mark)
    assert (shape(buddy), [list(blocks) for blocks in buddy.lists], list(buddy.fresh), list(buddy.free)) == state
    buddy.check()


class BuddyMachine(RuleBasedStateMachine):
    """The model: which pages are taken, and by which block."""

    def __init__(self) -> None:
        super().__init__()
        self.buddy = make_buddy()
        self.before = shape(self.buddy)
        self.blocks: dict[int, int] = {}
        self.taken: set[int] = set()

    @rule(order=st.integers(0, 10), mt=st.sampled_from([UNMOVABLE, MOVABLE, RECLAIMABLE]), fragment=st.booleans())
    def take(self, order: int, mt: int, fragment: bool) -> None:
        pfn = self.buddy.take(order, mt, fragment)
        if pfn is None:
            return
        block = set(range(pfn, pfn + (1 << order)))
        assert pfn % (1 << order) == 0 and pfn >= START and pfn + (1 << order) <= END
        assert not block & self.taken
        self.taken |= block
        self.blocks[pfn] = order

    @precondition(lambda self: self.blocks)
    @rule(which=st.integers(0, 1 << 30))
    def give(self, which: int) -> None:
        pfn = sorted(self.blocks)[which % len(self.blocks)]
        order = self.blocks.pop(pfn)
        self.taken -= set(range(pfn, pfn + (1 << order)))
        self.buddy.give(pfn, order)

    @invariant()
    def nothing_is_lost_or_twice(self) -> None:
        self.buddy.check()
        assert self.buddy.free[0] + len(self.taken) == END - START
        for pfn, order, _ in self.buddy.blocks():
            assert self.taken.isdisjoint(range(pfn, pfn + (1 << order)))

    def teardown(self) -> None:
        for pfn, order in self.blocks.items():
            self.buddy.give(pfn, order)
        self.buddy.check()
        assert shape(self.buddy) == self.before


# 100 runs of 100 steps: 10,000 steps.
BuddyMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=100, deadline=None, print_blob=True)
TestBuddyMachine = BuddyMachine.TestCase
