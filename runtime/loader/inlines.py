"""Which inlined functions an instruction belongs to: a call of kmalloc() is compiled into its caller, and the reader
wants the caller's line.

Only the units' outlines are read at the first question, and of each function its inside when an address in it is asked
for.
"""

from contextlib import suppress
from struct import error as StructError

from runtime.loader.dies import (
    AT_ABSTRACT_ORIGIN,
    AT_CALL_FILE,
    AT_CALL_LINE,
    AT_NAME,
    AT_SPECIFICATION,
    AT_STMT_LIST,
    TAG_BLOCK,
    TAG_INLINED,
    TAG_SUBPROGRAM,
    Die,
    Dies,
    Unit,
)
from runtime.loader.elf import Elf
from runtime.loader.lines import Lines, Place

Level = tuple[str, Place]
"""(function, where in it): one line of an inlined call chain"""
_DAMAGE = (IndexError, KeyError, ValueError, StructError, RecursionError)
_MAX_DEPTH = 64


class Inlines:
    """The functions of one module, and what is inlined into them. lines: its line tables."""

    def __init__(self, elf: Elf, lines: Lines) -> None:
        self._dies, self._lines = Dies(elf), lines
        self._functions: list[tuple[list[tuple[int, int, int]], Unit, Die]] | None = None

    def find(self, section: int, offset: int) -> list[Level]:
        """Name the functions around an instruction, innermost first; the last one is the function that was compiled.

        For a return address pass the byte before. Without debug information: nothing.
        """
        place = self._lines.find(section, offset)
        if place is None:
            return []
        with suppress(*_DAMAGE):
            for ranges, unit, die in self._outlines():
                if _within(ranges, section, offset):
                    return self._chain(unit, die, section, offset, place)
        return [("?", place)]

    def _outlines(self) -> list[tuple[list[tuple[int, int, int]], Unit, Die]]:
        """List all functions that have code."""
        if self._functions is None:
            self._functions = []
            with suppress(*_DAMAGE):
                for unit in self._dies.units():
                    self._functions += self._functions_of(unit)
        return self._functions

    def _functions_of(self, unit: Unit) -> list[tuple[list[tuple[int, int, int]], Unit, Die]]:
        dies, found = self._dies, []
        for die in dies.children(unit, unit.top):
            if die.tag == TAG_SUBPROGRAM:
                ranges = dies.ranges(unit, die)
                if ranges:
                    found.append((ranges, unit, die))
        return found

    def _chain(self, unit: Unit, die: Die, section: int, offset: int, place: Place) -> list[Level]:
        """Follow the inlined calls down to the instruction, then name each level by where the next one was called."""
        levels: list[Level] = []
        names = [self._name(unit, die)]
        calls: list[Place] = []
        inner: Die | None = die
        while inner is not None and len(names) < _MAX_DEPTH:
            inner = self._inlined(unit, inner, section, offset)
            if inner is not None:
                names.append(self._name(unit, inner))
                calls.append(self._call_place(unit, inner))
        for name, where in zip(reversed(names), [place, *reversed(calls)], strict=True):
            levels.append((name, where))
        return levels

    def _inlined(self, unit: Unit, outer: Die, section: int, offset: int, depth: int = 0) -> Die | None:
        """Find the inlined call right below an entry that holds the instruction; blocks between do not count."""
        for die in self._dies.children(unit, outer):
            if die.tag == TAG_INLINED and _within(self._dies.ranges(unit, die), section, offset):
                return die
            if die.tag == TAG_BLOCK and depth < _MAX_DEPTH:
                found = self._inlined(unit, die, section, offset, depth + 1)
                if found is not None:
                    return found
        return None

    def _name(self, unit: Unit, die: Die) -> str:
        """Name a function: by itself, or by the declaration that it refers to."""
        for _ in range(8):
            if AT_NAME in die.values:
                return self._dies.name(unit, die.values[AT_NAME])
            link = die.values.get(AT_ABSTRACT_ORIGIN) or die.values.get(AT_SPECIFICATION)
            target = self._dies.read(unit, self._dies.reference(unit, link)) if link else None
            if target is None:
                break
            die = target
        return "?"

    def _call_place(self, unit: Unit, die: Die) -> Place:
        values = die.values
        number = values[AT_CALL_FILE][1] if AT_CALL_FILE in values else 0
        line = values[AT_CALL_LINE][1] if AT_CALL_LINE in values else 0
        table = self._dies.offset(unit.top.values[AT_STMT_LIST])
        name, path = self._lines.file(table, number)
        return name, line, path


def _within(ranges: list[tuple[int, int, int]], section: int, offset: int) -> bool:
    return any(index == section and low <= offset < high for index, low, high in ranges)
