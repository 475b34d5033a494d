"""What is alive, grouped by who allocated it: kept beside the books, at the cost of what changed since the last look.

A machine that is taken back thousands of times looks for leaks each time, perhaps with thousands of objects alive. What
changed is read from its journal: that names each entry of the books which came, went or was replaced.

Invariant: after sync(), groups has exactly the live objects that a guest function allocated.
"""

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any

from runtime.undo import Undo
from runtime.units import PAGE_SIZE, Pfn, Virt

Stack = tuple[int, ...]
Place = tuple[str, Stack]
"""(kind, stack of the allocation)"""
Entry = tuple[Virt, int, Stack]
"""(address, size in bytes, stack)"""


class Group:
    """Objects of one place. addresses: rising. sizes: bytes -> how many objects have them."""

    __slots__ = ("addresses", "sizes")

    def __init__(self) -> None:
        self.addresses: list[Virt] = []
        self.sizes: dict[int, int] = {}

    def add(self, address: Virt, size: int) -> None:
        """One more."""
        insort(self.addresses, address)
        self.sizes[size] = self.sizes.get(size, 0) + 1

    def remove(self, address: Virt, size: int) -> None:
        """One less."""
        del self.addresses[bisect_left(self.addresses, address)]
        if self.sizes[size] == 1:
            del self.sizes[size]
        else:
            self.sizes[size] -= 1


class Alive:
    """The groups of a machine. books: those of runtime.mm.context. page_virt: page_address() of a pfn.

    position: how much of the journal has been read; OLD: so many entries more are worth reading before a mark.
    """

    OLD = 500

    def __init__(self, books: Any, undo: Undo, page_virt: Callable[[Pfn], Virt]) -> None:
        self.undo = undo
        self.groups: dict[Place, Group] = {}
        self._entry_of: dict[str, Callable[[Any, Any], Entry]] = {
            "slab": lambda objp, record: (objp, record[1], record[3]),
            "page": lambda pfn, record: (page_virt(pfn), PAGE_SIZE << record[0], record[2]),
            "vmalloc": lambda virt, record: (virt, record[0], record[2]),
            "percpu": lambda pointer, record: (pointer, record[0], record[2]),
            "cache": lambda _, record: (record[0].address, record[2], record[3]),
        }
        kept = books.slab, books.pages, books.vmalloc, books.percpu, books.caches
        self.books = kept
        self._books: dict[str, dict[Any, Any]] = dict(zip(self._entry_of, kept, strict=True))
        self._kind_of = {id(book): kind for kind, book in self._books.items()}
        self._known: dict[tuple[str, Any], Entry] = {}
        self.position = 0
        self._windows: list[tuple[int, list[tuple[tuple[str, Any], Entry | None]]]] = []
        self._rebuild()

    def empty(self) -> bool:
        """Is nothing alive at all? Then nobody has to look closer."""
        return not any(self.books)

    def sync(self) -> dict[Place, Group]:
        """Take note of what changed. Return: groups."""
        if not self.undo.journal:
            self._rebuild()
        elif self.position < len(self.undo.log):
            start, self.position = self.position, len(self.undo.log)
            kind_of = self._kind_of
            touched = {
                (kind_of[id(entry[1])], entry[2]): None
                for entry in self.undo.log[start:]
                if len(entry) > 2 and id(entry[1]) in kind_of
            }
            changes = [(which, self._replace(which, self._now(*which))) for which in touched]
            self._windows.append((start, changes))
        return self.groups

    def rewind(self, mark: int) -> None:
        """The journal was taken back to this length."""
        while self.position > mark:
            self.position, changes = self._windows.pop()
            for which, before in reversed(changes):
                self._replace(which, before)

    def _now(self, kind: str, key: Any) -> Entry | None:
        record = self._books[kind].get(key)
        entry = None if record is None else self._entry_of[kind](key, record)
        return entry if entry is not None and entry[2] else None

    def _replace(self, which: tuple[str, Any], new: Entry | None) -> Entry | None:
        """Return: the entry that was there."""
        old = self._known.pop(which, None)
        if old is not None:
            place = which[0], old[2]
            self.groups[place].remove(old[0], old[1])
            if not self.groups[place].addresses:
                del self.groups[place]
        if new is not None:
            self._known[which] = new
            self.groups.setdefault((which[0], new[2]), Group()).add(new[0], new[1])
        return old

    def _rebuild(self) -> None:
        self.groups.clear()
        self._known.clear()
        for kind, book in self._books.items():
            for key in book:
                self._replace((kind, key), self._now(kind, key))
        self.position = len(self.undo.log)
