"""Marks before calls that are likely to be fault points: so that the branch from there needs no second run up to it.

Which calls those are is guessed from the name of the kernel function, and only the first from each call stack counts. A
guess that is wrong costs a mark that nobody uses, or a second run; never a result.
"""

import re
from typing import Any

from runtime.arch import x86_64 as arch
from runtime.machine import Machine

_LIKELY = re.compile("alloc|create|dup|asprintf|(?<!de|un)register|vmap|get_free_page|get_zeroed|insert|init|add|store")
_MOST = 1000  # marks at once; each keeps the pages that changed since the one before


class _Guess(dict[int, bool]):
    """stub -> is it likely to be a fault point?"""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self.symbols = machine.kernel.symbols

    def __missing__(self, stub: int) -> bool:
        symbol = self.symbols.lookup(stub)
        likely = self[stub] = symbol is not None and _LIKELY.search(symbol.name) is not None
        return likely


class Marker:
    """Marks a machine that is watched (Loop.watch()), between begin() and end()."""

    def __init__(self, machine: Machine, on: bool) -> None:
        self.machine, self.on = machine, on
        self._guess, self._traps = _Guess(machine), machine.loop.traps
        self._r, self._stack = machine.kernel.cpu.r, machine.kernel.cpu.stack
        self._marks: dict[int, Any] = {}
        self._seen: set[tuple[int, ...]] = set()

    def begin(self) -> dict[int, Any]:
        """Mark from now on. Return: where the marks will be, by the number of their trap."""
        self._marks, self._seen = {}, set()
        if self.on:
            self.machine.loop.noted, self.machine.loop.note = self._guess, self._note
        return self._marks

    def end(self) -> None:
        """No more marks."""
        self.machine.loop.noted = None

    def _note(self) -> None:
        # The first call of a function at this depth of the stack is the first from this call stack: no need to walk it.
        place: tuple[int, ...] = (self._r[arch.RIP], self._r[arch.RSP])
        if place in self._seen:
            place = (self._r[arch.RIP], *self._stack())
        if place not in self._seen and len(self._marks) < _MOST:
            self._seen.add(place)
            self._marks[self._traps[0] + 1] = self.machine.mark()
