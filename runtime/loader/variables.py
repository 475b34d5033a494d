"""Which variable of which function lies at a place of the stack.

Only variables that stay at one distance from the frame's base are known, as all do whose address is taken.
DWARF 5, 2.6, 3.3.5, 4.1
"""

from collections.abc import Iterator
from contextlib import suppress
from struct import error as StructError
from typing import NamedTuple

from runtime.loader.dies import (
    AT_ABSTRACT_ORIGIN,
    AT_NAME,
    AT_SPECIFICATION,
    TAG_BLOCK,
    TAG_INLINED,
    TAG_SUBPROGRAM,
    Die,
    Dies,
    Unit,
)
from runtime.loader.elf import Elf
from runtime.loader.leb128 import sleb128, uleb128

_TAG_VARIABLE, _TAG_ARRAY, _TAG_SUBRANGE = 0x34, 0x01, 0x21
_AT_LOCATION, _AT_BYTE_SIZE, _AT_UPPER_BOUND, _AT_COUNT, _AT_FRAME_BASE, _AT_TYPE = 0x02, 0x0B, 0x2F, 0x37, 0x40, 0x49
_FORM_EXPRESSION = 0x18
_OP_FRAME, _OP_CALL_FRAME_CFA = 0x91, 0x9C
_MAX_DEPTH = 64
_DAMAGE = (IndexError, KeyError, ValueError, StructError, RecursionError)


class Variable(NamedTuple):
    """start: its first byte, from the frame's base (the caller's stack pointer, so it is below 0). size in bytes."""

    name: str
    function: str
    start: int
    size: int


class Variables:
    """The variables of a module's functions."""

    def __init__(self, elf: Elf) -> None:
        self._dies = Dies(elf)

    def find(self, section: int, offset: int, place: int) -> Variable | None:
        """The variable that holds a byte of a frame: of the function that an instruction is in. place: as start."""
        with suppress(*_DAMAGE):
            for unit in self._dies.units():
                for die in self._dies.children(unit, unit.top):
                    if die.tag == TAG_SUBPROGRAM and self._covers(unit, die, section, offset):
                        return self._in(unit, die, place)
        return None

    def _covers(self, unit: Unit, die: Die, section: int, offset: int) -> bool:
        return any(index == section and low <= offset < high for index, low, high in self._dies.ranges(unit, die))

    def _in(self, unit: Unit, function: Die, place: int) -> Variable | None:
        base = self._expression(function, _AT_FRAME_BASE)
        if base[:1] != bytes([_OP_CALL_FRAME_CFA]):
            return None
        found = self._variables(unit, function, self._name(unit, function))
        return next((each for each in found if each.start <= place < each.start + each.size), None)

    def _variables(self, unit: Unit, outer: Die, function: str, depth: int = 0) -> Iterator[Variable]:
        for die in self._dies.children(unit, outer):
            if die.tag == _TAG_VARIABLE:
                where = self._expression(die, _AT_LOCATION)
                if where[:1] == bytes([_OP_FRAME]):
                    start, size = sleb128(where, 1)[0], self._size(unit, self._own(unit, die, _AT_TYPE))
                    yield Variable(self._name(unit, die), function, start, size)
            elif die.tag in (TAG_BLOCK, TAG_INLINED) and depth < _MAX_DEPTH:
                inner = self._name(unit, die) if die.tag == TAG_INLINED else function
                yield from self._variables(unit, die, inner, depth + 1)

    def _expression(self, die: Die, attribute: int) -> bytes:
        form, _, at = die.values.get(attribute, (0, 0, 0))
        if form != _FORM_EXPRESSION:
            return b""
        size, at = uleb128(self._dies.data, at)
        return self._dies.data[at : at + size]

    def _own(self, unit: Unit, die: Die, attribute: int) -> Die | None:
        """The entry that has an attribute: this one, or the one that it is an instance of."""
        found: Die | None = die
        for _ in range(8):
            if found is None or attribute in found.values:
                return found
            link = found.values.get(AT_ABSTRACT_ORIGIN) or found.values.get(AT_SPECIFICATION)
            found = self._dies.read(unit, self._dies.reference(unit, link)) if link else None
        return None

    def _name(self, unit: Unit, die: Die) -> str:
        own = self._own(unit, die, AT_NAME)
        return self._dies.name(unit, own.values[AT_NAME]) if own is not None else "?"

    def _size(self, unit: Unit, die: Die | None, depth: int = 0) -> int:
        """Bytes of the type of an entry; 0 where it does not say."""
        if die is None or _AT_TYPE not in die.values or depth > _MAX_DEPTH:
            return 0
        type_ = self._dies.read(unit, self._dies.reference(unit, die.values[_AT_TYPE]))
        if type_ is None or _AT_BYTE_SIZE in type_.values:
            return type_.values[_AT_BYTE_SIZE][1] if type_ is not None else 0
        size = self._size(unit, type_, depth + 1)
        return size * self._elements(unit, type_) if type_.tag == _TAG_ARRAY else size

    def _elements(self, unit: Unit, array: Die) -> int:
        count = 1
        for die in self._dies.children(unit, array):
            if die.tag == _TAG_SUBRANGE:
                values = die.values
                count *= values[_AT_COUNT][1] if _AT_COUNT in values else values[_AT_UPPER_BOUND][1] + 1
        return count
