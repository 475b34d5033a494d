"""The runs: one on Debian's machine, which is recorded, and others with a pattern, which are compared with it.

Where a run differs, more runs find out why: fewer and fewer pieces of memory are filled, then fewer and fewer bytes of
the one that makes the difference.
"""

import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from runtime.cpu.trace import Trace
from runtime.uninit.events import MOST_BLOCKS, MOST_EVENTS, Comparer, Diverged, Note, Reached, Record, Recorder
from runtime.uninit.fills import Selection, SelectiveFill
from runtime.uninit.observed import Course, Observed
from runtime.uninit.stack import stack_is_zeroed

Start = Callable[[], Course]
_RUN_COST, _TRAP_COST = 200_000, 50  # of a machine, and of a call of the kernel, in blocks
_DEAD_MACHINES = 8  # so many are given back at a time: they are circles


class Runs:
    """start: makes the scenario, each time on a new machine. stack: some module's stack variables are not zeroed by the
    compiler. work: what all runs cost, about, counted in blocks of the guest.
    """

    _cost = _room = 0

    def __init__(self, start: Start) -> None:
        self.start, self.stack = start, False
        self.done = self.work = 0  # runs, and what they cost in blocks
        self.record = self._recorded()

    def observed(
        self, note: Callable[[Trace], Note], selection: Selection | None, limit: int, look: Any = None
    ) -> Observed:
        """A new machine. limit: blocks that it runs at most, since its trace was cleared."""
        self.done, self.work = self.done + 1, self.work + self._cost
        if not self.done % _DEAD_MACHINES:
            gc.collect()
        course = self.start()
        k = course.machine.kernel
        trace = Trace(k.cpu.engine, limit, limit)
        fill = SelectiveFill(k.ram, selection, k.cpu.stack) if selection is not None else None
        made = Observed(course, trace, note(trace), fill, look)
        if self.stack and fill is not None:
            made.with_stack()
        return made

    def _recorded(self) -> Record:
        recorder: list[Recorder] = []

        def note(trace: Trace) -> Note:
            recorder.append(Recorder(trace))
            return recorder[0]

        observed = self.observed(note, None, MOST_BLOCKS)
        self.stack = not all(map(stack_is_zeroed, observed.course.modules.values()))
        with suppress(Reached):
            observed.run()
        self._room = recorder[0].record.longest + 1  # more blocks than that are other blocks
        self._cost = len(recorder[0].record.trace) + _TRAP_COST * len(recorder[0].record.events) + _RUN_COST
        return recorder[0].record

    def compare(self, selection: Selection, until: int = MOST_EVENTS) -> tuple[Diverged | None, Observed]:
        """Run with a fill. Return: where it differs, up to event number `until`; and the machine as it stands there."""
        observed = self.observed(lambda trace: Comparer(self.record, trace, until), selection, self._room)
        try:
            observed.run()
        except Reached:
            pass
        except Diverged as diverged:
            return diverged, observed
        return None, observed

    def stand_at(self, selection: Selection, blocks: int) -> Observed:
        """Run with a fill until so many blocks are run, and the next one is about to begin."""
        observed = self.observed(lambda trace: lambda event: None, selection, blocks)
        with suppress(Reached):
            observed.run()
        return observed

    def look_at(self, number: int, see: Callable[[Any, Any, tuple[int, ...]], Any], selection: Selection | None) -> Any:
        """Run until a call of a kernel function, which is event `number`. Return: what see(k, function, arguments) says
        before it.
        """
        seen: list[Any] = []

        def look(now: int, function: Any, arguments: tuple[int, ...]) -> None:
            if now == number:
                seen.append(see(observed.k, function, arguments))
                raise Reached

        observed = self.observed(lambda trace: lambda event: None, selection, MOST_BLOCKS, look)
        with suppress(Reached):
            observed.run()
        return seen[0] if seen else None


def smallest(low: int, high: int, differs: Callable[[int], bool]) -> int:
    """The smallest number above low for which a run differs, where it does for high and does not for low."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if differs(middle) else (middle, high)
    return high
