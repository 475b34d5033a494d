"""Per-CPU lists of free pages, one set for each zone and CPU: orders 0 to 3, and 9 (huge pages), by migrate type.

Last in, first out: a page that was just freed is the next one handed out. The count is in pages; at `high`, a batch
goes back to the buddy.

Invariant: count is what the lists hold, and stays below high after a free.
Linux: mm/page_alloc.c, rmqueue_pcplist(), free_unref_page_commit(), nr_pcp_free(), 6.1
"""

from runtime.mm.buddy import MOVABLE, PAGEBLOCK_ORDER, RECLAIMABLE, Buddy
from runtime.undo import Undo
from runtime.units import Pfn

COSTLY_ORDER = 3
PCP_TYPES = RECLAIMABLE + 1
_LOW_LISTS = (COSTLY_ORDER + 1) * PCP_TYPES
NR_LISTS = _LOW_LISTS + 2
_BATCH_SCALE_MAX = 5  # CONFIG_PCP_BATCH_SCALE_MAX


def list_index(order: int, mt: int) -> int:
    """Which list. Linux: order_to_pindex(), 6.1"""
    return order * PCP_TYPES + mt if order <= COSTLY_ORDER else _LOW_LISTS + (mt == MOVABLE)


def index_order(index: int) -> int:
    """Linux: pindex_to_order(), 6.1"""
    return index // PCP_TYPES if index < _LOW_LISTS else PAGEBLOCK_ORDER


class Pcp:
    """One CPU's pages of one zone. state: [pages held, free factor: how often in a row a batch went back]."""

    def __init__(self, undo: Undo, buddy: Buddy) -> None:
        self.buddy = buddy
        self.lists: list[list[Pfn]] = [undo.list() for _ in range(NR_LISTS)]
        self.state: list[int] = undo.list([0, 0])
        self.high = self.batch = 0

    def take(self, order: int, mt: int, fragment: bool = True) -> Pfn | None:
        """Take 2^order pages; fetch a batch from the buddy where the list is empty. Return:

        None where that has none.
        """
        state, pages = self.state, self.lists[list_index(order, mt)]
        if state[1]:
            state[1] >>= 1
        if pages:
            state[0] -= 1 << order
            return pages.pop()
        batch = self._batch(order, mt, fragment)
        if not batch:
            return None
        if len(batch) > 1:
            pages.extend(batch[:0:-1])  # handed out in the order in which they came
            state[0] += len(batch) - 1 << order
        return batch[0]

    def take_singles(self, count: int, mt: int, fragment: bool = True) -> list[Pfn]:
        """Up to count single pages, the same as by as many calls of take(); the free factor is 0."""
        pages = self.lists[mt]
        got = pages[: -count - 1 : -1]
        if got:
            del pages[-len(got) :]
        held = -len(got)
        while len(got) < count and (batch := self._batch(0, mt, fragment)):
            taken = min(count - len(got), len(batch))
            got += batch[:taken]
            if taken < len(batch):
                pages.extend(batch[: taken - 1 : -1])
                held += len(batch) - taken
        self.state[0] += held
        return got

    def _batch(self, order: int, mt: int, fragment: bool) -> list[Pfn]:
        count = max(self.batch >> order, 2) if self.batch > 1 else self.batch
        if not order:
            return self.buddy.take_singles(count, mt, fragment)
        got: list[Pfn] = []
        while len(got) < count and (pfn := self.buddy.take(order, mt, fragment)) is not None:
            got.append(pfn)
        return got

    def give(self, pfn: Pfn, order: int, mt: int) -> None:
        """Take back 2^order pages."""
        state, index = self.state, list_index(order, mt)
        self.lists[index].append(pfn)
        state[0] += 1 << order
        if state[0] >= self.high or (state[1] and 0 < order <= COSTLY_ORDER):
            self.trim(order, index)

    def trim(self, order: int, index: int) -> None:
        """The lists are full, or pages above order 0 are being freed in a row: give some back."""
        free_high = bool(self.state[1]) and 0 < order <= COSTLY_ORDER
        if free_high or self.high:
            self.drain(self._how_many(free_high), index)

    def _how_many(self, free_high: bool) -> int:
        if free_high:
            return self.state[0]
        if self.high < self.batch:
            return 1
        most, batch = self.high - self.batch, self.batch << self.state[1]
        if batch < most and self.state[1] < _BATCH_SCALE_MAX:
            self.state[1] += 1
        return max(self.batch, min(batch, most))

    def drain(self, nr_pages: int, index: int = 0) -> None:
        """Give about nr_pages pages back to the buddy, oldest first, this list first and then the others in turn."""
        left = min(nr_pages, self.state[0])
        for step in range(NR_LISTS):
            at = (index + step) % NR_LISTS
            pages, order = self.lists[at], index_order(at)
            count = min(len(pages), -(-left >> order))
            if left <= 0 or not count:
                continue
            for pfn in pages[:count]:
                self.buddy.give(pfn, order)
            del pages[:count]
            self.state[0] -= count << order
            left -= count << order

    def drain_all(self) -> None:
        """Empty the lists."""
        self.drain(self.state[0])

    def check(self) -> None:
        """Raises AssertionError where the invariant does not hold."""
        held = sum(len(pages) << index_order(index) for index, pages in enumerate(self.lists))
        assert held == self.state[0], f"{held} pages on per-CPU lists, {self.state[0]} counted"
