"""Books that count: how much was allocated and freed in a run, and how much was alive at once.

A Tally takes the place of one of the books (runtime.mm.context.Books) before the allocators are built. It counts what
the guest's calls allocate, in bytes as asked for. It is no part of a machine that is rewound: a run that is repeated is
counted from its start.
"""

from collections.abc import Callable
from typing import Any

Record = tuple[Any, ...]


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

    size: gives the bytes of a record; kind: under which name it is counted, where a book holds several kinds.
    Invariant: for each kind, allocs - frees is the number of its records, now the sum of their sizes.
    """

    def __init__(self, size: Callable[[Record], int], kind: Callable[[Record], Any] = lambda record: "") -> None:
        super().__init__()
        self.size, self.kind = size, kind
        self.counts: dict[Any, Count] = {}

    def __setitem__(self, address: int, record: Record) -> None:
        if address in self:
            self._drop(self[address])
        super().__setitem__(address, record)
        kind = self.kind(record)
        if kind not in self.counts:
            self.counts[kind] = Count()
        self.counts[kind].add(self.size(record))

    def __delitem__(self, address: int) -> None:
        self._drop(self[address])
        super().__delitem__(address)

    def pop(self, address: int, *default: Any) -> Any:
        """Remove and return a record, as dict.pop() does."""
        if address in self:
            self._drop(self[address])
        return super().pop(address, *default)

    def _drop(self, record: Record) -> None:
        self.counts[self.kind(record)].drop(self.size(record))

    def check(self) -> None:
        """Prove the invariant. Raises: AssertionError."""
        for kind, count in self.counts.items():
            alive = [self.size(record) for record in self.values() if self.kind(record) == kind]
            assert (count.allocs - count.frees, count.now) == (len(alive), sum(alive)), f"{kind}: {count.as_dict()}"
            assert count.peak >= count.now >= 0
