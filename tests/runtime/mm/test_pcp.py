"""Per-CPU lists: order of use, batches, limits."""

from runtime.mm.buddy import MOVABLE, UNMOVABLE, Buddy
from runtime.mm.pcp import NR_LISTS, Pcp, index_order, list_index
from runtime.undo import Undo


def make(high: int = 40, batch: int = 7) -> Pcp:
    buddy = Buddy(Undo(False))
    buddy.add_range(0, 4096)
    pcp = Pcp(Undo(False), buddy)
    pcp.high, pcp.batch = high, batch
    return pcp


def test_lists_are_numbered_as_in_linux() -> None:
    assert [list_index(order, mt) for order, mt in ((0, 0), (0, 2), (1, 0), (3, 2), (9, 0), (9, 1))] == [
        0,
        2,
        3,
        11,
        12,
        13,
    ]
    assert [index_order(index) for index in range(NR_LISTS)] == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3 + [9, 9]


def test_a_batch_is_fetched_and_handed_out_from_low_to_high() -> None:
    pcp = make()
    assert [pcp.take(0, MOVABLE) for _ in range(3)] == [0, 1, 2]
    assert pcp.state[0] == 4 and pcp.buddy.free[0] == 4096 - 7
    pcp.check()


def test_the_page_that_was_freed_last_is_used_first() -> None:
    pcp = make()
    first, second = pcp.take(0, MOVABLE), pcp.take(0, MOVABLE)
    assert first is not None and second is not None
    pcp.give(first, 0, MOVABLE)
    pcp.give(second, 0, MOVABLE)
    assert [pcp.take(0, MOVABLE), pcp.take(0, MOVABLE)] == [second, first]


def test_at_the_limit_batches_go_back_in_growing_numbers() -> None:
    pcp = make()
    pages = [pcp.buddy.take(0, MOVABLE) for _ in range(200)]
    counts = []
    for pfn in pages:
        assert pfn is not None
        before = pcp.state[0]
        pcp.give(pfn, 0, MOVABLE)
        assert pcp.state[0] < pcp.high
        if pcp.state[0] <= before:
            counts.append(before + 1 - pcp.state[0])
    assert counts[:3] == [7, 14, 28]
    pcp.check()


def test_freeing_large_blocks_in_a_row_does_not_hoard_them() -> None:
    pcp = make()
    blocks = [pcp.buddy.take(3, UNMOVABLE) for _ in range(10)]
    for pfn in blocks:
        assert pfn is not None
        pcp.give(pfn, 3, UNMOVABLE)
    assert pcp.state[0] == 0


def test_drained_lists_give_everything_back() -> None:
    pcp = make()
    for order in (0, 1, 3):
        pcp.take(order, UNMOVABLE)
        pcp.take(order, MOVABLE)
    taken = 2 * (1 + 2 + 8)
    pcp.drain_all()
    assert pcp.state[0] == 0 and pcp.buddy.free[0] == 4096 - taken
    pcp.check()
    pcp.buddy.check()


def test_an_empty_zone_gives_nothing() -> None:
    pcp = Pcp(Undo(False), Buddy(Undo(False)))
    pcp.high, pcp.batch = 4, 1
    assert pcp.take(0, MOVABLE) is None
