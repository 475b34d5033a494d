"""The functions of a module that have code: where they are declared, and where each of their bodies begins.

A function has a body of its own, and one more wherever it was inlined.
"""

from collections.abc import Iterator
from contextlib import suppress
from posixpath import dirname, isabs, join, normpath
from struct import error as StructError

from runtime.loader.dies import (
    AT_ABSTRACT_ORIGIN,
    AT_COMP_DIR,
    AT_NAME,
    AT_SPECIFICATION,
    AT_STMT_LIST,
    FORM_ADDR,
    TAG_BLOCK,
    TAG_INLINED,
    TAG_SUBPROGRAM,
    Die,
    Dies,
    Spot,
    Unit,
)
from runtime.loader.elf import Elf
from runtime.loader.lines import Lines, Place

AT_DECL_FILE, AT_DECL_LINE, AT_ENTRY_PC = 0x3A, 0x3B, 0x52
_DAMAGE = (IndexError, KeyError, ValueError, StructError, RecursionError)
_MAX_DEPTH = 64

Body = tuple[str, Place, Spot]
"""(name, where it is declared, first instruction)"""


class Functions:
    """Reads .debug_info of one module. lines: its line tables. Damaged debug information ends where the damage begins.

    directories: of the files that were compiled.
    """

    def __init__(self, elf: Elf, lines: Lines) -> None:
        self._dies, self._lines = Dies(elf), lines
        self.bodies: list[Body] = []
        self.directories: set[str] = set()
        with suppress(*_DAMAGE):
            for unit in self._dies.units():
                self.directories.add(self._directory(unit))
                self.bodies += self._unit(unit)

    def _directory(self, unit: Unit) -> str:
        values = unit.top.values
        name = self._dies.name(unit, values[AT_NAME]) if AT_NAME in values else ""
        if not isabs(name) and AT_COMP_DIR in values:
            name = join(self._dies.name(unit, values[AT_COMP_DIR]), name)
        return dirname(normpath(name))

    def _unit(self, unit: Unit) -> Iterator[Body]:
        for die in self._dies.children(unit, unit.top):
            if die.tag == TAG_SUBPROGRAM and self._dies.ranges(unit, die):
                yield from self._body(unit, die)
                yield from self._inside(unit, die, 0)

    def _inside(self, unit: Unit, outer: Die, depth: int) -> Iterator[Body]:
        """Find what was inlined into a function, at all depths."""
        for die in self._dies.children(unit, outer):
            if die.tag == TAG_INLINED:
                yield from self._body(unit, die)
            if die.tag in (TAG_INLINED, TAG_BLOCK) and depth < _MAX_DEPTH:
                yield from self._inside(unit, die, depth + 1)

    def _body(self, unit: Unit, die: Die) -> Iterator[Body]:
        first = self._first(unit, die)
        declared = self._declaration(unit, die)
        if first is not None and AT_NAME in declared and AT_DECL_LINE in declared:
            number = declared[AT_DECL_FILE][1] if AT_DECL_FILE in declared else 0
            name, path = self._lines.file(self._dies.offset(unit.top.values[AT_STMT_LIST]), number)
            yield self._dies.name(unit, declared[AT_NAME]), (name, declared[AT_DECL_LINE][1], path), first

    def _first(self, unit: Unit, die: Die) -> Spot | None:
        entry = die.values.get(AT_ENTRY_PC)
        if entry is not None and entry[0] == FORM_ADDR:
            return self._dies.address(unit, entry)
        ranges = self._dies.ranges(unit, die)
        return ranges[0][:2] if ranges else None

    def _declaration(self, unit: Unit, die: Die) -> dict[int, tuple[int, int, int]]:
        """Collect the attributes of an entry and of the declarations that it refers to; its own count first."""
        values: dict[int, tuple[int, int, int]] = {}
        for _ in range(8):
            values = die.values | values
            link = die.values.get(AT_ABSTRACT_ORIGIN) or die.values.get(AT_SPECIFICATION)
            target = self._dies.read(unit, self._dies.reference(unit, link)) if link else None
            if target is None:
                break
            die = target
        return values
