"""How much memory was alive, over a run: a sample after each allocation and each free.

It listens to books that count (check/tally.py); a machine whose books do not, or that nobody asked for a timeline,
takes none.
"""

from typing import Any

KINDS = ("slab", "pages", "vmalloc", "percpu")
LIMIT = 4000  # samples: a long run keeps every second, every fourth ...


class _Listener:
    """Stands for the count of all of one book: counts on, and tells the timeline. bytes as Count has them."""

    def __init__(self, count: Any, timeline: "Timeline") -> None:
        self._count, self._timeline = count, timeline

    def add(self, size: int) -> None:
        """An allocation."""
        self._count.add(size)
        self._timeline.sample()

    def drop(self, size: int) -> None:
        """A free."""
        self._count.drop(size)
        self._timeline.sample()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._count, name)


class Timeline:
    """Listens to one machine, from when it is made."""

    def __init__(self, k: Any) -> None:
        self._clock = k.clock
        self.samples: list[tuple[int, ...]] = []
        self.marks: list[tuple[int, str]] = []
        self.events = 0
        self._every = 1
        self._counts = [getattr(k.mm.books, kind).counts[()] for kind in KINDS]
        for kind, count in zip(KINDS, self._counts, strict=True):
            getattr(k.mm.books, kind).counts[()] = _Listener(count, self)

    def mark(self, text: str) -> None:
        """Something begins here: a step of the scenario."""
        self.marks.append((self.events, text))

    def sample(self) -> None:
        """Note how much is alive now."""
        self.events += 1
        if self.events % self._every:
            return
        self.samples.append((self.events, self._clock.ns, *(count.now for count in self._counts)))
        if len(self.samples) > LIMIT:
            self.samples = self.samples[1::2]
            self._every *= 2

    def as_dict(self) -> dict[str, Any]:
        """samples: [number of the event, time in ns, bytes alive of each kind]; marks: [number of the event, text].
        peaks: the most that was alive of each kind, in bytes, also where its sample was not kept.
        """
        return {"kinds": list(KINDS), "events": self.events, "samples": [list(sample) for sample in self.samples],
                "marks": [list(mark) for mark in self.marks], "peaks": [count.peak for count in self._counts]}
