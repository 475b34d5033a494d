"""When it fails: of the fault points that where and who have chosen, which ones.

Linux: lib/fault-inject.c, should_fail_ex(), fail_stacktrace(), 6.1
"""

from collections.abc import Mapping
from typing import Any

from runtime.errors import Usage
from runtime.inject.point import Stack
from runtime.inject.values import (
    ADDRESS,
    BYTES,
    MILLION,
    NUMBER,
    PERCENT,
    POSITIVE,
    TIMES,
    ULONG_MAX,
    WHOLE_PERCENT,
    Form,
)

WORDS: dict[str, Form] = {
    "nth": POSITIVE, "every": POSITIVE, "from": POSITIVE, "p": PERCENT, "seed": NUMBER, "times": TIMES, "space": BYTES,
    "interval": NUMBER, "probability": WHOLE_PERCENT, "verbose": NUMBER, "fail-nth": POSITIVE, "require-start": ADDRESS,
    "require-end": ADDRESS, "reject-start": ADDRESS, "reject-end": ADDRESS, "stacktrace-depth": NUMBER,
}  # fmt: skip
UNIQUE = "unique"
SAME = {"interval": "every", "probability": "p"}  # Linux's word -> ours
_MOST_DEPTH = 32
_ALONE = ("nth", "every", "from", "p", "times", "space", UNIQUE, "task-filter", "require-start", "require-end",
          "reject-start", "reject-end", "stacktrace-depth")  # fmt: skip
_ALWAYS = 100 * MILLION
_GAMMA, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1


Place = tuple[str, Stack]
"""(kernel function, where it was called from); the function only where unique is asked for, else ""."""


class When:
    """nth: that one alone. first: none before it. every: each so-many-th. chance: millionths of a percent, from seed.
    times: so many failures at most, -1: no limit. space: bytes that are given out before the first one fails. unique:
    one failure for each place. verbose: 1 logs a line for each failure, 2 a stack trace as well.

    require, reject: a caller has to lie between these addresses, and none between those. As in Linux, this is looked at
    last: the counters have moved by then.
    """

    def __init__(self, words: Mapping[str, Any]) -> None:
        alone = [word for word in _ALONE if word in words]
        if "fail-nth" in words and alone:
            raise Usage(f"fail-nth= takes no notice of {alone[0]}=: give it a --fail of its own")
        if "seed" in words and "p" not in words:
            raise Usage("seed= goes with p=")
        get = words.get
        self.nth: int = get("nth", 0) or get("fail-nth", 0)
        self.first: int = get("from", 1)
        self.every: int = max(get("every", 1), 1)
        self.chance, self.seed = min(get("p", _ALWAYS), _ALWAYS), get("seed", 0)
        self.times: int = get("times", -1)
        self.space: int = get("space", 0)
        self.unique, self.verbose = UNIQUE in words, get("verbose", 0)
        self.require = get("require-start", 0), get("require-end", ULONG_MAX)
        self.reject = get("reject-start", 0), get("reject-end", 0)
        self.depth = min(get("stacktrace-depth", _MOST_DEPTH), _MOST_DEPTH)

    @property
    def looks_at_callers(self) -> bool:
        """Do the callers matter?"""
        return self.require != (0, ULONG_MAX) or self.reject[0] < self.reject[1]

    @property
    def nth_only(self) -> bool:
        """Is nth all that is said?"""
        return bool(self.nth) and vars(self) == {**vars(When({})), "nth": self.nth}

    def callers_fit(self, stack: Stack) -> bool:
        """Do the innermost callers lie in the required range, and outside of the rejected one?"""
        found = self.require == (0, ULONG_MAX)
        for virt in stack[: self.depth]:
            if self.reject[0] <= virt < self.reject[1]:
                return False
            found = found or self.require[0] <= virt < self.require[1]
        return found


_COUNT, _TIMES, _SPACE, _INTERVAL, _RANDOM, _FAILED = range(6)


class Counter:
    """A When on a machine: how far it has counted. All of that is taken back with the machine."""

    def __init__(self, when: When, undo: Any) -> None:
        self.when = when
        self._state: list[int] = undo.list([0, when.times, when.space, 0, when.seed & _MASK, 0])
        self._places: dict[Place, bool] = undo.dict()
        self._more = when.unique or when.looks_at_callers or (when.times, when.space, when.every, when.chance) != (
            -1, 0, 1, _ALWAYS)  # fmt: skip

    @property
    def matched(self) -> int:
        """Fault points so far."""
        return self._state[_COUNT]

    @property
    def failed(self) -> int:
        """Of these, how many have failed."""
        return self._state[_FAILED]

    @property
    def words(self) -> str:
        """The state as Linux logs it."""
        when, state = self.when, self._state
        return (f"interval {when.every}, probability {when.chance // MILLION}, "
                f"space {state[_SPACE]}, times {state[_TIMES]}")

    def due(self, size: int, place: Place) -> bool:
        """Count one more fault point. Return: does it fail?"""
        state, when = self._state, self.when
        state[_COUNT] = count = state[_COUNT] + 1
        if when.nth and count != when.nth or count < when.first:
            return False
        return not self._more or self._linux(size, place)

    def spent(self, place: Place) -> None:
        """It has failed."""
        state = self._state
        state[_FAILED] += 1
        if state[_TIMES] > 0:
            state[_TIMES] -= 1
        if self.when.unique:
            self._places[place] = True

    def _linux(self, size: int, place: Place) -> bool:
        """The tests of should_fail_ex(), in its order."""
        state, when = self._state, self.when
        if not when.chance or not state[_TIMES] or place in self._places:
            return False
        if state[_SPACE] > size:
            state[_SPACE] -= size
            return False
        if when.every > 1:
            state[_INTERVAL] += 1
            if state[_INTERVAL] % when.every:
                return False
        if when.chance < _ALWAYS and self._draw() >= when.chance:
            return False
        return not when.looks_at_callers or when.callers_fit(place[1])

    def _draw(self) -> int:
        """A number below 100 million (SplitMix64)."""
        self._state[_RANDOM] = z = self._state[_RANDOM] + _GAMMA & _MASK
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return ((z ^ z >> 31) >> 32) * _ALWAYS >> 32
