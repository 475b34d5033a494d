"""What is compared between two runs: blocks, calls of kernel functions, bytes that leave the kernel, faults, results.

One run is recorded. Others are compared with it as they go, and stop where they differ: the machine still stands there.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from runtime.cpu.trace import Trace, first_difference

Event = tuple[Any, ...]
"""("call", function, arguments, bytes handed out), ("says", function, lines, kinds of findings), ("raises", function,
what, address), ("fault", rip, vector, address), ("hang",), ("limit",), ("step", number, result)"""

LIMIT = ("limit",)  # no more blocks are noted
MOST_EVENTS = 1 << 18
MOST_BLOCKS = 1 << 23


class Reached(Exception):
    """The run has come as far as it was to."""


class Diverged(Exception):
    """The run does something else than the recorded one. index: of the event; blocks: how many both have run.

    then: the recorded event; now: this run's. One of them is None where only the other run got to anything there. Both
    are None where the next block is another one: that was a branch. at: the return addresses of this run there.
    """

    at: tuple[int, ...] = ()

    def __init__(self, index: int, blocks: int, then: Event | None, now: Event | None) -> None:
        super().__init__(index)
        self.index, self.blocks, self.then, self.now = index, blocks, then, now


class Record(NamedTuple):
    """events: with the number of blocks until each. trace: of all blocks."""

    events: list[tuple[int, Event]]
    trace: Trace

    @property
    def longest(self) -> int:
        """The most blocks between two events."""
        ends = [0, *(end for end, _ in self.events)]
        return max((end - start for start, end in pairwise(ends)), default=0)


class Recorder:
    """Notes a run."""

    def __init__(self, trace: Trace) -> None:
        self.record = Record([], trace)

    def __call__(self, event: Event) -> None:
        if len(self.record.events) >= MOST_EVENTS:
            raise Reached
        self.record.events.append((len(self.record.trace), event))


class Comparer:
    """Compares a run with a record. until: the number of the last event that matters."""

    def __init__(self, record: Record, trace: Trace, until: int = MOST_EVENTS) -> None:
        self.record, self.trace, self.until = record, trace, until
        self.index = self.blocks = 0

    def __call__(self, event: Event) -> None:
        index, events = self.index, self.record.events
        if index >= len(events) or index > self.until:
            raise Reached
        end, expected = events[index]
        mine, theirs = self.trace.blocks(), self.record.trace.blocks(self.blocks, end)
        if expected == LIMIT and mine[: len(theirs)] == theirs:
            raise Reached
        if mine != theirs:
            common = first_difference(mine, theirs)
            blocks = self.blocks + common
            if 8 * common < min(len(mine), len(theirs)):
                raise Diverged(index, blocks, None, None)
            here = len(mine) < len(theirs)
            raise Diverged(index, blocks, None if here else expected, event if here else None)
        if event != expected:
            raise Diverged(index, end, expected, event)
        self.index, self.blocks = index + 1, end
        self.trace.clear()


Note = Callable[[Event], None]
