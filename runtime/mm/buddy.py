"""Buddy allocator of one zone: blocks of 2^order pages, order 0 to 10. Everything here counts pages, never bytes.

A free block is in one list, by order and migrate type. Lists are sorted by pfn and give the lowest first (Linux: last
in, first out), so that the order of a list never depends on how it came about. Blocks of the largest order that were
never touched since boot are not in a list but in ranges: a zone of any size boots in the same time. They count as
MOVABLE, as all memory does at boot.

Invariant: free blocks do not overlap, are aligned to their size, and no two buddies of one order below 10 are both
free.
Linux: mm/page_alloc.c, __rmqueue(), __free_one_page(), 6.1
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Protocol

from runtime.undo import Undo, del_key, insert, pop, push, put_key
from runtime.units import Pfn

MAX_ORDER = 11  # orders are 0 to 10
TOP = MAX_ORDER - 1
TOP_PAGES = 1 << TOP
PAGEBLOCK_ORDER = 9
PAGEBLOCK_PAGES = 1 << PAGEBLOCK_ORDER
UNMOVABLE, MOVABLE, RECLAIMABLE, HIGHATOMIC, ISOLATE = range(5)
MIGRATE_TYPES = 5
TYPE_NAMES = ("Unmovable", "Movable", "Reclaimable", "HighAtomic", "Isolate")
_FALLBACKS = {UNMOVABLE: (RECLAIMABLE, MOVABLE), MOVABLE: (RECLAIMABLE, UNMOVABLE), RECLAIMABLE: (UNMOVABLE, MOVABLE)}


class Marks(Protocol):
    """Who is told of blocks that become free or stop being so (struct page's PageBuddy)."""

    def set_buddy(self, pfn: Pfn, order: int) -> None: ...

    def clear_buddy(self, pfn: Pfn) -> None: ...


class NoMarks:
    """Nobody is: struct pages that are filled later look at order_at()."""

    def set_buddy(self, pfn: Pfn, order: int) -> None:
        pass

    def clear_buddy(self, pfn: Pfn) -> None:
        pass


class Buddy:
    """Free blocks of one zone. marks is told of every head of a block."""

    def __init__(self, undo: Undo) -> None:
        self.marks: Marks = NoMarks()
        self._noted = undo.noted
        self.lists: list[list[int]] = [undo.list() for _ in range(MAX_ORDER * MIGRATE_TYPES)]  # of -pfn, ascending
        self.where: dict[Pfn, int] = undo.dict()  # head of a free block -> index of its list + 1, 0: not free any more
        self.fresh: list[tuple[Pfn, Pfn]] = undo.list()  # whole blocks of order 10, the lowest range last
        self.types: dict[int, int] = undo.dict()  # pageblock -> migrate type; MOVABLE where it is missing
        self.free: list[int] = undo.list([0, 0])  # [pages, pages reserved as HIGHATOMIC]

    def add_range(self, start: Pfn, end: Pfn) -> None:
        """Give free pages to the zone at boot, ranges from high to low."""
        self.free[0] += end - start
        low, high = (start + TOP_PAGES - 1) & -TOP_PAGES, end & -TOP_PAGES
        if low < high:
            self._add_blocks(high, end)
            self.fresh.append((low, high))
            self._add_blocks(start, low)
        else:
            self._add_blocks(start, end)

    def _add_blocks(self, start: Pfn, end: Pfn) -> None:
        while start < end:
            order = min(TOP, (end - start).bit_length() - 1, (start & -start).bit_length() - 1 if start else TOP)
            self._insert(start, order, MOVABLE)
            start += 1 << order

    def order_at(self, pfn: Pfn) -> int:
        """Order of the free block that starts at pfn; -1 where none does."""
        index = self.where.get(pfn)
        if index:
            return (index - 1) // MIGRATE_TYPES
        if not pfn & TOP_PAGES - 1 and index is None and any(low <= pfn < high for low, high in self.fresh):
            return TOP
        return -1

    def _insert(self, pfn: Pfn, order: int, mt: int) -> None:
        index = order * MIGRATE_TYPES + mt
        blocks = self.lists[index]
        at = bisect_left(blocks, -pfn)
        insert(blocks, at, -pfn)
        self._noted((pop, blocks, at))
        was = self.where.get(pfn)
        self._noted((del_key, self.where, pfn) if was is None else (put_key, self.where, pfn, was))
        put_key(self.where, pfn, index + 1)
        self.marks.set_buddy(pfn, order)

    def _remove(self, pfn: Pfn, index: int) -> None:
        blocks = self.lists[index]
        del blocks[bisect_left(blocks, -pfn)]
        self.where[pfn] = 0
        self.marks.clear_buddy(pfn)

    def _pop(self, order: int, mt: int) -> Pfn | None:
        blocks = self.lists[order * MIGRATE_TYPES + mt]
        if blocks:
            key = pop(blocks)
            self._noted((push, blocks, key))
            pfn = -key
            self._noted((put_key, self.where, pfn, self.where[pfn]))
            put_key(self.where, pfn, 0)
            self.marks.clear_buddy(pfn)
            return pfn
        if order != TOP or mt != MOVABLE or not self.fresh:
            return None
        pfn = self._break_fresh()
        self.marks.clear_buddy(pfn)
        self.where[pfn] = 0
        return pfn

    def _break_fresh(self) -> Pfn:
        low, high = self.fresh[-1]
        if low + TOP_PAGES < high:
            self.fresh[-1] = (low + TOP_PAGES, high)
        else:
            self.fresh.pop()
        return low

    def has(self, order: int, types: tuple[int, ...]) -> bool:
        """Is there a free block of this order or a larger one, in one of these migrate types?"""
        if self.fresh and MOVABLE in types:
            return True
        lists = self.lists
        return any(lists[o * MIGRATE_TYPES + mt] for o in range(order, MAX_ORDER) for mt in types)

    def take(self, order: int, mt: int, fragment: bool = True) -> Pfn | None:
        """Take a block of 2^order pages. fragment=False: do not break up pageblocks of another migrate type.

        Return: None where there is none. Linux: __rmqueue(), 6.1
        """
        pfn = self.smallest(order, mt)
        if pfn is None and mt in _FALLBACKS and self._fall_back(order, mt, fragment):
            pfn = self.smallest(order, mt)
        return pfn

    def take_singles(self, count: int, mt: int, fragment: bool = True) -> list[Pfn]:
        """Up to count single pages, the same as by as many calls of take()."""
        got: list[Pfn] = []
        lists, own = self.lists[mt : TOP * MIGRATE_TYPES : MIGRATE_TYPES], 0
        while len(got) < count:
            order = 0
            while order < TOP and not lists[order]:
                order += 1
            pfn = self._pop(order, mt)
            if pfn is None:
                pfn = self.take(0, mt, fragment)
                if pfn is None:
                    break
                got.append(pfn)
                continue
            taken = min(count - len(got), 1 << order)
            got.extend(range(pfn, pfn + taken))
            own += taken
            end, pfn = pfn + (1 << order), pfn + taken
            while pfn < end:  # what is left of the block, in blocks
                rest = (pfn & -pfn).bit_length() - 1
                self._insert(pfn, rest, mt)
                pfn += 1 << rest
        self.free[0] -= own
        return got

    def smallest(self, order: int, mt: int) -> Pfn | None:
        """Take from the smallest block of this migrate type that is large enough; the rest goes back in halves."""
        for current in range(order, MAX_ORDER):
            pfn = self._pop(current, mt)
            if pfn is not None:
                while current > order:
                    current -= 1
                    self._insert(pfn + (1 << current), current, mt)
                self.free[0] -= 1 << order
                return pfn
        return None

    def give(self, pfn: Pfn, order: int) -> None:
        """Free a block: merge it with its buddy as long as that is free. Linux: __free_one_page(), 6.1"""
        self.free[0] += 1 << order
        where = self.where
        mt = self.types.get(pfn >> PAGEBLOCK_ORDER, MOVABLE)
        while order < TOP:
            buddy = pfn ^ (1 << order)
            index = where.get(buddy)
            if not index or (index - 1) // MIGRATE_TYPES != order:
                break
            if order >= PAGEBLOCK_ORDER and not self._may_merge(mt, self.types.get(buddy >> PAGEBLOCK_ORDER, MOVABLE)):
                break
            self._remove(buddy, index - 1)
            pfn &= ~(1 << order)
            order += 1
        self._insert(pfn, order, mt)

    @staticmethod
    def _may_merge(mt: int, other: int) -> bool:
        # Pageblocks of different types merge, but reserved and isolated ones only with their like.
        return mt == other or (mt < HIGHATOMIC and other < HIGHATOMIC)

    # Stealing from another migrate type. Linux: __rmqueue_fallback(), steal_suitable_fallback(), 6.1
    def _fall_back(self, order: int, mt: int, fragment: bool) -> bool:
        least = order if fragment or order >= PAGEBLOCK_ORDER else PAGEBLOCK_ORDER
        for current in range(TOP, least - 1, -1):
            other = self._fallback_type(current, mt)
            if other is None:
                continue
            steal_all = current >= PAGEBLOCK_ORDER // 2 or mt != MOVABLE
            if not steal_all and current > order:
                # The smallest block will do: a movable page in a foreign pageblock can be moved out again.
                current = next(o for o in range(order, MAX_ORDER) if self._fallback_type(o, mt) is not None)
                other = self._fallback_type(current, mt)
                assert other is not None
            self._steal(current, other, mt, steal_all)
            return True
        return False

    def _fallback_type(self, order: int, mt: int) -> int | None:
        for other in _FALLBACKS[mt]:
            if self.lists[order * MIGRATE_TYPES + other] or (order == TOP and other == MOVABLE and self.fresh):
                return other
        return None

    def _steal(self, order: int, other: int, mt: int, whole_block: bool) -> None:
        pfn = self._pop(order, other)
        assert pfn is not None
        if order >= PAGEBLOCK_ORDER:
            for block in range(pfn >> PAGEBLOCK_ORDER, (pfn + (1 << order)) >> PAGEBLOCK_ORDER):
                self.types[block] = mt
            self._insert(pfn, order, mt)
            return
        self._insert(pfn, order, other)
        block = pfn >> PAGEBLOCK_ORDER
        if not whole_block or self.types.get(block, MOVABLE) == HIGHATOMIC:
            self._move(pfn, mt)
            return
        free = self.move_block(block, mt)
        # Kernel pages are not movable, so in a movable pageblock all that is not free counts as like ours.
        alike = PAGEBLOCK_PAGES - free if mt != MOVABLE and other == MOVABLE else 0
        if free + alike >= PAGEBLOCK_PAGES // 2:
            self.types[block] = mt

    def _move(self, pfn: Pfn, mt: int) -> None:
        index = self.where[pfn] - 1
        self._remove(pfn, index)
        self._insert(pfn, index // MIGRATE_TYPES, mt)

    def move_block(self, block: int, mt: int) -> int:
        """Move the free blocks of a pageblock to the lists of mt. Return: how many pages that is."""
        start, moved = block << PAGEBLOCK_ORDER, 0
        pfn = start
        while pfn < start + PAGEBLOCK_PAGES:
            index = self.where.get(pfn)
            if index:
                self._move(pfn, mt)
                moved += 1 << (index - 1) // MIGRATE_TYPES
                pfn += 1 << (index - 1) // MIGRATE_TYPES
            else:
                pfn += 1
        return moved

    # Pageblocks kept for high-order atomic allocations.
    def reserve_highatomic(self, pfn: Pfn, managed: int) -> None:
        """Keep this page's pageblock for high-order atomic allocations, up to 1 % of the zone. Linux:

        reserve_highatomic_pageblock()
        """
        block = pfn >> PAGEBLOCK_ORDER
        if self.free[1] >= managed // 100 + PAGEBLOCK_PAGES or self.types.get(block, MOVABLE) >= HIGHATOMIC:
            return
        self.free[1] += PAGEBLOCK_PAGES
        self.types[block] = HIGHATOMIC
        self.move_block(block, HIGHATOMIC)

    def unreserve_highatomic(self, mt: int, force: bool) -> bool:
        """Give one reserved pageblock with free pages back, before an allocation fails. Linux:

        unreserve_highatomic_pageblock()
        """
        if not force and self.free[1] <= PAGEBLOCK_PAGES:
            return False
        for order in range(MAX_ORDER):
            blocks = self.lists[order * MIGRATE_TYPES + HIGHATOMIC]
            if blocks:
                block = -blocks[-1] >> PAGEBLOCK_ORDER
                self.free[1] -= min(PAGEBLOCK_PAGES, self.free[1])
                self.types[block] = mt
                self.move_block(block, mt)
                return True
        return False

    # What /proc and check() see.
    def count(self, order: int, mt: int) -> int:
        """Free blocks of an order and migrate type."""
        fresh = sum(high - low for low, high in self.fresh) >> TOP if order == TOP and mt == MOVABLE else 0
        return len(self.lists[order * MIGRATE_TYPES + mt]) + fresh

    def blocks(self) -> Iterator[tuple[Pfn, int, int]]:
        """(pfn, order, migrate type) of every free block."""
        for index, blocks in enumerate(self.lists):
            yield from ((-pfn, index // MIGRATE_TYPES, index % MIGRATE_TYPES) for pfn in blocks)
        for low, high in self.fresh:
            yield from ((pfn, TOP, MOVABLE) for pfn in range(low, high, TOP_PAGES))

    def check(self) -> None:
        """Raises AssertionError where the invariant does not hold."""
        seen: dict[Pfn, int] = {}
        total, end = 0, -1
        for pfn, order, _ in sorted(self.blocks()):
            assert pfn >= end, f"free block {pfn:#x} of order {order} overlaps another"
            assert pfn & (1 << order) - 1 == 0, f"free block {pfn:#x} of order {order} is not aligned"
            assert self.order_at(pfn) == order
            seen[pfn], end, total = order, pfn + (1 << order), total + (1 << order)
        assert total == self.free[0], f"{total} pages are free, {self.free[0]} are counted"
        for pfn, order in seen.items():
            if order < PAGEBLOCK_ORDER:
                assert seen.get(pfn ^ (1 << order)) != order, f"buddies not merged at {pfn:#x}"
