"""The xarray against a dict, with Hypothesis; its nodes hold their invariants after each change."""

from errno import ENOMEM

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.lib.xarray import errno_of, error, is_node
from runtime.lib.xarray_store import destroy, store, take_node
from runtime.lib.xas import Xas
from tests.runtime.lib.arrays import check, const, make

LAST = (1 << 64) - 1
INDICES = st.integers(0, 70) | st.integers(0, 5000) | st.integers(0, 20).map(lambda n: n << 40) | st.just(LAST)
ENTRIES = st.integers(1, 1000).map(lambda n: n * 8) | st.integers(0, 1000).map(lambda n: n * 2 + 1)
STEPS = st.lists(
    st.tuples(st.sampled_from(["store", "store", "erase", "mark", "unmark"]), INDICES, ENTRIES, st.integers(0, 2)),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_an_array_holds_what_a_dict_holds(steps: list[tuple[str, int, int, int]]) -> None:
    array, nodes = make()
    model: dict[int, int] = {}
    marks: set[tuple[int, int]] = set()
    for what, index, entry, mark in steps:
        xas = Xas(array, index)
        if what == "store":
            assert store(xas, entry) == model.get(index, 0)
            model[index] = entry
        elif what == "erase":
            assert store(xas, 0) == model.pop(index, 0)
            marks -= {(index, each) for each in range(3)}
        elif xas.load() and what == "mark":
            xas.set_mark(mark)
            marks.add((index, mark))
        elif xas.load():
            xas.clear_mark(mark)
            marks.discard((index, mark))
        assert check(array, nodes) == model
    for index in {index for _, index, _, _ in steps} | {index + 1 & LAST for _, index, _, _ in steps}:
        assert Xas(array, index).load() == model.get(index, 0)
    assert walk(array) == sorted(model)
    for mark in range(3):
        assert walk(array, mark) == sorted(index for index, its in marks if its == mark)


def walk(array, mark: int | None = None) -> list[int]:  # type: ignore[no-untyped-def]
    """All indices, as xa_for_each() and xa_for_each_marked() find them."""
    found: list[int] = []
    index = 0
    while index <= LAST:
        xas = Xas(array, index)
        entry = xas.find(LAST) if mark is None else xas.find_marked(LAST, mark)
        if not entry:
            break
        found.append(xas.index)
        index = xas.index + 1
    return found


@given(st.sets(INDICES, max_size=40), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_entries_can_be_erased_while_they_are_walked(indices: set[int], keep: int) -> None:
    array, nodes = make()
    for index in indices:
        store(Xas(array, index), 8)
    left, index = set(), 0
    while index <= LAST:
        xas = Xas(array, index)
        if not xas.find(LAST):
            break
        index = xas.index
        if keep and index % 4 == keep:
            left.add(index)
        else:
            store(Xas(array, index), 0)
        index += 1
    assert set(check(array, nodes)) == left == {index for index in indices if keep and index % 4 == keep}


def test_one_entry_at_index_0_needs_no_node() -> None:
    array, nodes = make()
    store(Xas(array, 0), 8)
    assert array.head == 8
    assert not nodes.live
    store(Xas(array, 1), 16)
    assert is_node(array.head)
    store(Xas(array, 1), 0)
    assert array.head == 8
    assert not nodes.live


def test_without_memory_nothing_is_stored_and_the_state_says_so() -> None:
    array, nodes = make()
    nodes.budget = 1
    xas = Xas(array, 5000)
    store(xas, 8)
    assert xas.errno == -ENOMEM
    assert Xas(array, 5000).load() == 0
    assert not take_node(xas, 0)
    destroy(array)
    check(array, nodes)


def test_a_node_that_is_allocated_in_between_is_used() -> None:
    array, nodes = make()
    nodes.budget = 0
    xas = Xas(array, 5)
    store(xas, 8)
    nodes.budget = 1
    assert take_node(xas, 0)
    nodes.budget = 0
    store(xas, 8)
    assert not take_node(xas, 0)
    assert check(array, nodes) == {5: 8}


def test_a_spare_node_that_is_not_needed_is_freed() -> None:
    array, nodes = make()
    xas = Xas(array, 5, spare=nodes.alloc(0))
    store(Xas(array, 5), 8)
    store(xas, 16)
    assert not take_node(xas, 0)
    assert check(array, nodes) == {5: 16}


def test_an_array_that_tracks_free_slots_finds_the_lowest() -> None:
    array, nodes = make(const("XA_FLAGS_TRACK_FREE") | 1 << const("__GFP_BITS_SHIFT"))
    taken = []
    for _ in range(130):
        xas = Xas(array, 0)
        xas.find_marked(LAST, 0)
        taken.append(xas.index)
        store(xas, 8)
        xas.clear_mark(0)
    assert taken == list(range(130))
    store(Xas(array, 64), 0)
    xas = Xas(array, 0)
    xas.find_marked(LAST, 0)
    assert xas.index == 64
    check(array, nodes)


def test_errors_are_entries() -> None:
    assert error(ENOMEM) == (-12 << 2 | 2) & LAST
    assert errno_of(error(ENOMEM)) == -ENOMEM
    assert errno_of(0xFFFF888000000002) == 0
