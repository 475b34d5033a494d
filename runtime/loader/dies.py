"""The entries of .debug_info, read one by one and relocated only where one is looked at.

Addresses are (section index, offset) here, as in lines.py. Versions 3 to 5, as gcc and clang write them.
DWARF 5, 7.5
"""

from collections.abc import Iterator
from struct import unpack_from

from runtime.loader.elf import Elf
from runtime.loader.leb128 import sleb128, uleb128

TAG_COMPILE_UNIT, TAG_SUBPROGRAM, TAG_INLINED, TAG_BLOCK = 0x11, 0x2E, 0x1D, 0x0B
AT_SIBLING, AT_NAME, AT_STMT_LIST, AT_LOW_PC, AT_HIGH_PC, AT_COMP_DIR = 0x01, 0x03, 0x10, 0x11, 0x12, 0x1B
AT_ABSTRACT_ORIGIN, AT_SPECIFICATION, AT_RANGES, AT_CALL_FILE, AT_CALL_LINE = 0x31, 0x47, 0x55, 0x58, 0x59
AT_STR_OFFSETS_BASE, AT_ADDR_BASE, AT_RNGLISTS_BASE = 0x72, 0x73, 0x74

FORM_ADDR, FORM_STRING, FORM_STRP, FORM_LINE_STRP, FORM_STRX, FORM_ADDRX, FORM_RNGLISTX = (
    1,
    8,
    0x0E,
    0x1F,
    0x1A,
    0x1B,
    0x23,
)
FORM_IMPLICIT, FORM_INDIRECT = 0x21, 0x16
_STRX, _ADDRX = (FORM_STRX, 0x25, 0x26, 0x27, 0x28), (FORM_ADDRX, 0x29, 0x2A, 0x2B, 0x2C)
_REFERENCES = (0x11, 0x12, 0x13, 0x14, 0x15)
_FIXED = {
    0x01: 8, 0x05: 2, 0x06: 4, 0x07: 8, 0x0B: 1, 0x0C: 1, 0x0E: 4, 0x10: 4, 0x11: 1, 0x12: 2,
    0x13: 4, 0x14: 8, 0x17: 4, 0x19: 0, 0x1C: 4, 0x1D: 4, 0x1F: 4, 0x20: 8, 0x24: 8, 0x25: 1,
    0x26: 2, 0x27: 3, 0x28: 4, 0x29: 1, 0x2A: 2, 0x2B: 3, 0x2C: 4,
}  # fmt: skip
_ULEB = (0x0F, 0x15, 0x1A, 0x1B, 0x22, 0x23)
_BLOCKS = {0x0A: 1, 0x03: 2, 0x04: 4}

Value = tuple[int, int, int]
"""(form, number, where it stands in .debug_info)"""
Spot = tuple[int, int]
"""(section index, offset)"""
Abbrev = tuple[int, bool, list[tuple[int, int, int]]]
"""(tag, has children, [(attribute, form, implicit value)])"""


class Die:
    """One entry. end: where the next one (its first child, if it has children) stands."""

    __slots__ = ("at", "children", "end", "tag", "values")

    def __init__(self, at: int, tag: int, children: bool, values: dict[int, Value], end: int) -> None:
        self.at, self.tag, self.children, self.values, self.end = at, tag, children, values, end


class Unit:
    """One compilation unit: where its entries lie, and what they refer to."""

    __slots__ = ("abbrevs", "at", "end", "first", "low", "top", "version")

    def __init__(self, at: int, end: int, first: int, version: int, abbrevs: dict[int, Abbrev]) -> None:
        self.at, self.end, self.first, self.version, self.abbrevs = at, end, first, version, abbrevs
        self.top: Die
        self.low: Spot = (0, 0)

    def base(self, attribute: int, default: int) -> int:
        """Where this unit's part of an index section begins."""
        return self.top.values[attribute][1] if attribute in self.top.values else default


class Dies:
    """Reads entries. Raises: IndexError, KeyError, ValueError, struct.error where the section is damaged."""

    def __init__(self, elf: Elf) -> None:
        self._elf = elf
        self._sections: dict[str, bytes] = {}
        self._targets: dict[str, dict[int, tuple[int, int]]] = {}
        self.data = self._data(".debug_info")

    def _data(self, name: str) -> bytes:
        if name not in self._sections:
            section = self._elf.section(name)
            self._sections[name] = self._elf.debug_bytes(section) if section else b""
        return self._sections[name]

    def _target(self, section: str, at: int) -> tuple[int, int] | None:
        """Look up the relocation at a place: (symbol, addend)."""
        if section not in self._targets:
            found = self._elf.section(section)
            relas = self._elf.rela_of(found) if found else ()
            self._targets[section] = {offset: (info >> 32, addend) for offset, info, addend in relas}
        return self._targets[section].get(at)

    def units(self) -> Iterator[Unit]:
        """Give each unit, its top entry read."""
        at, data = 0, self.data
        while at + 11 < len(data):
            size, version = unpack_from("<IH", data, at)
            end = min(at + 4 + size, len(data))
            if version in (3, 4) or (version == 5 and data[at + 6] == 1):
                place = at + (8 if version == 5 else 6)
                unit = Unit(
                    at, end, place + 4 + (version < 5), version, self._abbrevs(self._offset(".debug_info", place))
                )
                top = self.read(unit, unit.first)
                if top is not None:
                    unit.top = top
                    if AT_LOW_PC in top.values:
                        unit.low = self.address(unit, top.values[AT_LOW_PC])
                    yield unit
            at = max(end, at + 12)

    def _abbrevs(self, at: int) -> dict[int, Abbrev]:
        data, table = self._data(".debug_abbrev"), {}
        while data[at]:
            code, at = uleb128(data, at)
            tag, at = uleb128(data, at)
            children, at = bool(data[at]), at + 1
            attributes = []
            while True:
                attribute, at = uleb128(data, at)
                form, at = uleb128(data, at)
                implicit = 0
                if form == FORM_IMPLICIT:
                    implicit, at = sleb128(data, at)
                if not attribute and not form:
                    break
                attributes.append((attribute, form, implicit))
            table[code] = (tag, children, attributes)
        return table

    def read(self, unit: Unit, at: int) -> Die | None:
        """Read the entry at a place; None for the mark that ends a row of children."""
        code, end = uleb128(self.data, at)
        if not code:
            return None
        tag, children, attributes = unit.abbrevs[code]
        values: dict[int, Value] = {}
        for attribute, form, implicit in attributes:
            start = end
            number, end = self._number(form, end) if form != FORM_IMPLICIT else (implicit, end)
            values[attribute] = form, number, start
        return Die(at, tag, children, values, end)

    def _number(self, form: int, at: int) -> tuple[int, int]:
        """Read a value of a form, unrelocated; of blocks and strings only the end matters."""
        size = _FIXED.get(form)
        if size is not None:
            return int.from_bytes(self.data[at : at + size], "little"), at + size
        if form in _ULEB:
            return uleb128(self.data, at)
        if form == 0x0D:
            return sleb128(self.data, at)
        if form == FORM_STRING:
            return at, self.data.index(b"\0", at) + 1
        if form in (0x09, 0x18):
            size, at = uleb128(self.data, at)
            return 0, at + size
        if form in _BLOCKS:
            head = _BLOCKS[form]
            return 0, at + head + int.from_bytes(self.data[at : at + head], "little")
        if form == 0x1E:
            return 0, at + 16
        raise ValueError(f"DW_FORM {form:#x}")

    def children(self, unit: Unit, die: Die) -> Iterator[Die]:
        """Give the entries one level below."""
        at = die.end if die.children else unit.end
        while at < unit.end:
            child = self.read(unit, at)
            if child is None:
                return
            yield child
            at = self.behind(unit, child)

    def behind(self, unit: Unit, die: Die) -> int:
        """Find the place behind an entry and all that is below it."""
        if not die.children:
            return die.end
        if AT_SIBLING in die.values:
            sibling = unit.at + die.values[AT_SIBLING][1]
            if sibling <= die.at:
                raise ValueError("an entry whose sibling stands before it")
            return sibling
        at = die.end
        while (child := self.read(unit, at)) is not None:
            at = self.behind(unit, child)
        return at + 1

    def _offset(self, section: str, at: int) -> int:
        """Read an offset into another debug section, relocated."""
        target = self._target(section, at)
        if target is not None:
            return self._elf.symbols[target[0]][1] + target[1]
        offset: int = unpack_from("<I", self._data(section), at)[0]
        return offset

    def _spot(self, section: str, at: int) -> Spot:
        symbol, addend = self._target(section, at) or (0, 0)
        entry = self._elf.symbols[symbol]
        return entry[5], entry[1] + addend

    def offset(self, value: Value) -> int:
        """Give a value that is an offset into another section."""
        return self._offset(".debug_info", value[2])

    def address(self, unit: Unit, value: Value) -> Spot:
        """Give a value that is an address."""
        form, number, at = value
        if form == FORM_ADDR:
            return self._spot(".debug_info", at)
        if form in _ADDRX:
            return self.indexed(unit, number)
        raise ValueError(f"DW_FORM {form:#x} for an address")

    def indexed(self, unit: Unit, number: int) -> Spot:
        """Give address number n of the unit."""
        return self._spot(".debug_addr", self._base(unit, AT_ADDR_BASE, 8) + 8 * number)

    def _base(self, unit: Unit, attribute: int, default: int) -> int:
        value = unit.top.values.get(attribute)
        return default if value is None else self.offset(value)

    def name(self, unit: Unit, value: Value) -> str:
        """Give a value that is a string."""
        form, number, _ = value
        if form == FORM_STRING:
            return _text(self.data, number)
        if form in _STRX:
            place = self._base(unit, AT_STR_OFFSETS_BASE, 8) + 4 * number
            return _text(self._data(".debug_str"), self._offset(".debug_str_offsets", place))
        return _text(self._data(".debug_line_str" if form == FORM_LINE_STRP else ".debug_str"), self.offset(value))

    def reference(self, unit: Unit, value: Value) -> int:
        """Give the place of the entry that a value refers to, in the same unit."""
        form, number, _ = value
        if form not in _REFERENCES:
            raise ValueError(f"DW_FORM {form:#x} for a reference")
        return unit.at + number

    def ranges(self, unit: Unit, die: Die) -> list[tuple[int, int, int]]:
        """Give the code of an entry: (section index, first offset, offset behind) of each piece."""
        values = die.values
        if AT_RANGES in values:
            return self._range_list(unit, values[AT_RANGES])
        if AT_LOW_PC not in values or AT_HIGH_PC not in values:
            return []
        section, low = self.address(unit, values[AT_LOW_PC])
        form, number, _ = values[AT_HIGH_PC]
        high = self.address(unit, values[AT_HIGH_PC])[1] if form == FORM_ADDR or form in _ADDRX else low + number
        return [(section, low, high)]

    def _range_list(self, unit: Unit, value: Value) -> list[tuple[int, int, int]]:
        form, number, _ = value
        if unit.version < 5:
            return self._old_ranges(unit, self.offset(value))
        at = self.offset(value) if form != FORM_RNGLISTX else 0
        data = self._data(".debug_rnglists")
        if form == FORM_RNGLISTX:
            base = self._base(unit, AT_RNGLISTS_BASE, 12)
            at = base + unpack_from("<I", data, base + 4 * number)[0]
        found, (section, base) = [], unit.low
        while (kind := data[at]) != 0:
            at += 1
            if kind == 4:  # offset_pair
                low, at = uleb128(data, at)
                high, at = uleb128(data, at)
                found.append((section, base + low, base + high))
            elif kind in (1, 5):  # base_addressx, base_address
                (section, base), at = self._list_address(unit, kind == 1, at)
            else:
                (index, low), at = self._list_address(unit, kind in (2, 3), at)
                if kind in (2, 6):  # startx_endx, start_end
                    (_, high), at = self._list_address(unit, kind == 2, at)
                else:  # startx_length, start_length
                    size, at = uleb128(data, at)
                    high = low + size
                found.append((index, low, high))
        return found

    def _list_address(self, unit: Unit, by_number: bool, at: int) -> tuple[Spot, int]:
        if by_number:
            number, at = uleb128(self._data(".debug_rnglists"), at)
            return self.indexed(unit, number), at
        return self._spot(".debug_rnglists", at), at + 8

    def _old_ranges(self, unit: Unit, at: int) -> list[tuple[int, int, int]]:
        """Read .debug_ranges, version 4: pairs of addresses, relocated or counted from the unit's base."""
        data, found = self._data(".debug_ranges"), []
        section, base = unit.low
        while True:
            low, high = unpack_from("<QQ", data, at)
            relocated = self._target(".debug_ranges", at) is not None
            if low == (1 << 64) - 1:
                section, base = self._spot(".debug_ranges", at + 8)
            elif relocated:
                index, first = self._spot(".debug_ranges", at)
                found.append((index, first, self._spot(".debug_ranges", at + 8)[1]))
            elif low or high:
                found.append((section, base + low, base + high))
            else:
                return found
            at += 16


def directories(elf: Elf) -> Iterator[tuple[int, str]]:
    """Give (place of the line table, directory of the build) of each unit."""
    dies = Dies(elf)
    for unit in dies.units():
        values = unit.top.values
        if AT_STMT_LIST in values and AT_COMP_DIR in values:
            yield dies.offset(values[AT_STMT_LIST]), dies.name(unit, values[AT_COMP_DIR])


def _text(data: bytes, at: int) -> str:
    return str(data[at : data.index(b"\0", at)], "utf-8", "backslashreplace")
