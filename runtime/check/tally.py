"""Books that count: how much was allocated and freed in a run, and how much was alive at once.

A Tally takes the place of one of the books (runtime.mm.context.Books) before the allocators are built. It counts what
the guest's calls allocate, in bytes as asked for. It is no part of a machine that is rewound: a run that is repeated is
counted from its start.
"""

from collections.abc import Callable
from typing import Any

from runtime.units import PAGE_SIZE

Record = tuple[Any, ...]
Path = tuple[str, ...]
"""From the general to the special: ("kmalloc", "kmalloc-64"); counted under each of its beginnings."""


class Count:
    """allocs and frees: calls. bytes: of all allocations; now: of those alive; peak: the most that now has been."""

    __slots__ = ("allocs", "bytes", "frees", "now", "peak")

    def __init__(self) -> None:
        self.allocs = self.frees = self.bytes = self.now = self.peak = 0

    def add(self, size: int) -> None:
        """Count an allocation."""
        self.allocs += 1
        self.bytes += size
        self.now += size
        if self.now > self.peak:
            self.peak = self.now

    def drop(self, size: int) -> None:
        """Count a free."""
        self.frees += 1
        self.now -= size

    def as_dict(self) -> dict[str, int]:
        """The counts as plain data, with what is left."""
        return {"allocs": self.allocs, "frees": self.frees, "bytes": self.bytes, "peak_bytes": self.peak,
                "left": self.allocs - self.frees, "left_bytes": self.now}


class Tally(dict[int, Record]):
    """Address -> record of what is alive there.

    size: gives the bytes of a record; path: under what it is counted, which does not change while it lives, None for
    what is not counted. Everything else is counted under (). last: path -> its latest record.
    Invariant: for each path, allocs - frees is the number of records below it, now the sum of their sizes.
    """

    def __init__(self, size: Callable[[Record], int], path: Callable[[Record], Path | None]) -> None:
        super().__init__()
        self.size, self.path = size, path
        self.counts: dict[Path, Count] = {(): Count()}
        self.last: dict[Path, Record] = {}
        self.paths: dict[int, Path] = {}

    def __setitem__(self, address: int, record: Record) -> None:
        self._drop(address)
        super().__setitem__(address, record)
        path, size = self.path(record), self.size(record)
        if path is None:
            return
        self.paths[address] = path
        self.last[path] = record
        for end in range(len(path) + 1):
            self.counts.setdefault(path[:end], Count()).add(size)

    def __delitem__(self, address: int) -> None:
        self._drop(address)
        super().__delitem__(address)

    def pop(self, address: int, *default: Any) -> Any:
        """Remove and return a record, as dict.pop() does."""
        self._drop(address)
        return super().pop(address, *default)

    def _drop(self, address: int) -> None:
        path = self.paths.pop(address, None)
        if path is None:
            return
        size = self.size(self[address])
        for end in range(len(path) + 1):
            self.counts[path[:end]].drop(size)

    def check(self) -> None:
        """Prove the invariant. Raises: AssertionError."""
        for path, count in self.counts.items():
            alive = [self.size(self[address]) for address, own in self.paths.items() if own[: len(path)] == path]
            assert (count.allocs - count.frees, count.now) == (len(alive), sum(alive)), f"{path}: {count.as_dict()}"
            assert count.peak >= count.now >= 0
        assert self.paths.keys() <= self.keys()


def count_books(books: Any) -> None:
    """Replace each of the books by one that counts. To be called before anything is allocated.

    Slab objects are counted below ("kmalloc",) or ("slab",) by cache: under the name that a module created it with,
    even where it was merged with another. What the kernel allocates for itself, with no guest function on the stack,
    is not counted: a copy of a module's parameter, say.
    """
    caches = Tally(lambda record: record[2], lambda record: (record[1],))

    def guests(record: Record) -> Path | None:
        return () if record[-1] else None

    def slab_path(record: Record) -> Path | None:
        """Where an object of a slab counts: (kind, cache); None for one of the kernel's own."""
        cache = record[0]
        if not record[-1]:
            return None
        if cache is None:
            return ("kmalloc", "kmalloc-large")
        own = next((name for created, name, _, _ in caches.values() if created is cache), None)
        if own is None and cache.name.startswith(("kmalloc-", "dma-kmalloc-")):
            return ("kmalloc", cache.name)
        return ("slab", own or cache.name)

    books.caches, books.pop = caches, Tally.pop
    books.slab = Tally(lambda record: record[1], slab_path)
    books.pages = Tally(lambda record: PAGE_SIZE << record[0], guests)
    books.vmalloc = Tally(lambda record: record[0], guests)
    books.percpu = Tally(lambda record: record[0], guests)
