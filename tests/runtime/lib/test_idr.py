"""idr and ida against sets of numbers, with Hypothesis; their nodes hold their invariants after each change."""

from errno import ENOMEM, ENOSPC

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.lib import idr as lib
from runtime.lib.xarray import Array, is_value
from runtime.lib.xarray_store import take_node
from runtime.lib.xas import Xas
from tests.runtime.lib.arrays import BASE, Nodes, check, const, make

LAST = (1 << 31) - 1
STARTS = st.integers(0, 130) | st.sampled_from([0, 0, 0, 4095, 4096, 1 << 20, LAST - 1])
NUMBERS = st.integers(0, 130) | st.sampled_from([4095, 4096, 1 << 20, LAST])
ENTRIES = st.sampled_from([0, 8, 16, 3])


def make_idr() -> tuple[Array, Nodes]:
    return make(const("IDR_RT_MARKER"), idr=True)


@given(st.lists(st.tuples(st.booleans(), STARTS, st.integers(0, 70), ENTRIES), max_size=60))
@settings(max_examples=150, deadline=None)
def test_an_idr_gives_the_lowest_free_number(steps: list[tuple[bool, int, int, int]]) -> None:
    idr, nodes = make_idr()
    model: dict[int, int] = {}
    for take, start, width, entry in steps:
        if take:
            last = min(start + width, LAST)
            free = next((number for number in range(start, last + 1) if number not in model), None)
            assert lib.take(idr, start, last, entry, 0) == (-ENOSPC if free is None else free)
            if free is not None:
                model[free] = entry
        else:
            assert lib.remove(idr, start) == model.pop(start, 0)
        assert check(idr, nodes, idr=True) == {number: entry for number, entry in model.items() if entry}
    for number in model:
        assert lib.replace(idr, number, 24) == model[number]
        assert Xas(idr, number).load() == 24
    assert lib.replace(idr, 3000, 24) is None
    lib.empty(idr)
    assert not nodes.live


def test_without_memory_an_idr_stays_as_it_was() -> None:
    idr, nodes = make_idr()
    assert lib.take(idr, 0, LAST, 8, 0) == 0
    nodes.budget = 1
    assert lib.take(idr, 5000, LAST, 8, 0) == -ENOMEM
    nodes.budget = -1
    assert Xas(idr, 0).load() == 8
    assert lib.take(idr, 0, LAST, 16, 0) == 1
    lib.empty(idr)
    assert not nodes.live


class Ida:
    """An ida, with bitmaps from beyond the nodes."""

    def __init__(self) -> None:
        flags = const("XA_FLAGS_TRACK_FREE") | const("XA_FLAGS_LOCK_IRQ") | 1 << const("__GFP_BITS_SHIFT")
        self.array, self.nodes = make(flags)
        self.next, self.bitmaps = BASE + (3 << 20), set[int]()

    def take(self, low: int, high: int = LAST) -> int:
        bitmap = 0
        while True:
            xas = Xas(self.array, low // lib.IDA_BITS)
            number, used = lib.ida_take(self.array, xas, low, high, bitmap)
            if used:
                self.bitmaps.add(bitmap)
                bitmap = 0
            if number is None:
                bitmap = self.next
                self.next += lib.IDA_BITS // 8
                self.array.mem.write(bitmap, bytes(lib.IDA_BITS // 8))
            elif not take_node(xas, 0):
                return xas.errno or number

    def give(self, number: int) -> bool:
        taken, bitmap = lib.ida_give(self.array, number)
        if bitmap:
            self.bitmaps.remove(bitmap)
        return taken


@given(st.lists(st.tuples(st.booleans(), NUMBERS), max_size=60))
@settings(max_examples=100, deadline=None)
def test_an_ida_gives_the_lowest_free_number(steps: list[tuple[bool, int]]) -> None:
    ida = Ida()
    model: set[int] = set()
    for take, number in steps:
        if take:
            free = next((each for each in range(number, LAST + 1) if each not in model), None)
            assert ida.take(number) == (-ENOSPC if free is None else free)
            model |= {free} - {None}  # type: ignore[arg-type]
        else:
            assert ida.give(number) == (number in model)
            model.discard(number)
        entries = check(ida.array, ida.nodes)
        assert {entry for entry in entries.values() if not is_value(entry)} == ida.bitmaps
    assert set(lib.ida_bitmaps(ida.array)) == ida.bitmaps
    assert ida.array.head == 0
    assert not ida.nodes.live


def test_an_ida_of_few_numbers_needs_no_memory() -> None:
    ida = Ida()
    assert [ida.take(0) for _ in range(63)] == list(range(63))
    assert not ida.bitmaps
    assert not ida.nodes.live
    assert ida.take(0) == 63
    assert len(ida.bitmaps) == 1


def test_a_full_range_has_no_number() -> None:
    ida = Ida()
    assert [ida.take(3, 5) for _ in range(4)] == [3, 4, 5, -ENOSPC]
