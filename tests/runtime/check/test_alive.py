"""The groups of live objects, against a look at all the books."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.check.alive import Alive
from runtime.mm.context import Books
from runtime.undo import Undo
from runtime.units import PAGE_SHIFT, PAGE_SIZE

STACKS = st.sampled_from([(), (0x10, 0x20), (0x30,), (0x10, 0x40)])
KEYS = st.integers(0, 5)
DIRECT_MAP = 1 << 40


class Cache:
    address = 0x5000


RECORDS = {
    "slab": lambda size, stack: (None, size, 0, stack),
    "pages": lambda size, stack: (size & 3, 0, stack),
    "vmalloc": lambda size, stack: (size, 0, stack),
    "percpu": lambda size, stack: (size, 0, stack),
    "caches": lambda size, stack: (Cache, "name", size, stack),
}


class TakenBack(RuleBasedStateMachine):
    """Objects come and go, the machine is marked and taken back, and somebody looks now and then."""

    journal = True

    def __init__(self) -> None:
        super().__init__()
        self.undo = Undo(self.journal)
        self.books = Books(self.undo)
        self.alive = Alive(self.books, self.undo, lambda pfn: DIRECT_MAP + (pfn << PAGE_SHIFT))
        self.marks: list[int] = []

    @rule(book=st.sampled_from(sorted(RECORDS)), key=KEYS, size=st.integers(1, 4), stack=STACKS)
    def allocate(self, book: str, key: int, size: int, stack: tuple[int, ...]) -> None:
        getattr(self.books, book)[key] = RECORDS[book](size, stack)

    @rule(book=st.sampled_from(sorted(RECORDS)), key=KEYS)
    def free(self, book: str, key: int) -> None:
        getattr(self.books, book).pop(key, None)

    @rule()
    def something_else(self) -> None:
        self.undo.note(lambda: None)
        self.undo.list().append(1)

    @rule()
    def look(self) -> None:
        self.check()

    @rule(well=st.booleans())
    def mark(self, well: bool) -> None:
        if well:
            self.alive.sync()
        self.marks.append(self.undo.mark())

    @precondition(lambda self: self.journal and self.marks)
    @rule(data=st.data())
    def rewind(self, data: Any) -> None:
        index = data.draw(st.integers(0, len(self.marks) - 1))
        del self.marks[index + 1 :]
        self.undo.rewind(self.marks[index])
        self.alive.rewind(self.marks[index])

    def check(self) -> None:
        expected: dict[Any, tuple[list[int], dict[int, int]]] = {}
        for kind, address, size, stack in self.books.live_objects(lambda pfn: DIRECT_MAP + (pfn << PAGE_SHIFT)):
            if stack:
                addresses, sizes = expected.setdefault((kind, stack), ([], {}))
                addresses.append(address)
                addresses.sort()
                sizes[size] = sizes.get(size, 0) + 1
        groups = self.alive.sync()
        assert {place: (group.addresses, group.sizes) for place, group in groups.items()} == expected

    @invariant()
    def nothing_alive_is_known_at_once(self) -> None:
        books = (getattr(self.books, book) for book in RECORDS)
        assert self.alive.empty() == (not any(books))


class Straight(TakenBack):
    """The same on a machine that is never taken back."""

    journal = False


TestTakenBack = TakenBack.TestCase
TestTakenBack.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestStraight = Straight.TestCase
TestStraight.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


def test_a_page_is_as_large_as_its_order_says() -> None:
    undo = Undo(False)
    books = Books(undo)
    books.pages[3] = (2, 0, (0x10,))
    group = Alive(books, undo, lambda pfn: pfn << PAGE_SHIFT).sync()["page", (0x10,)]
    assert (group.addresses, group.sizes) == ([3 << PAGE_SHIFT], {4 * PAGE_SIZE: 1})
