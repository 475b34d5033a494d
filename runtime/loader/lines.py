"""File and line of an address, from .debug_line: read when the first report needs one.

Line tables are decoded here, and their few relocations looked up one by one: a unit's table is ready in about a
millisecond, where relocating and indexing all of DWARF takes a hundred. Addresses are (section index, offset): nothing
depends on where the module was loaded. DWARF 5, 6.2; versions 3 to 5.
"""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from posixpath import isabs, join, normpath
from struct import error as StructError
from struct import unpack_from

from runtime.loader.elf import Elf
from runtime.loader.leb128 import sleb128, uleb128

_DIRECTORY, _PATH = 2, 1  # DW_LNCT_directory_index, DW_LNCT_path
_STRING, _STRP, _LINE_STRP, _UDATA, _BLOCK = 0x08, 0x0E, 0x1F, 0x0F, 0x09
_FIXED = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x1E: 16}

Place = tuple[str, int, str]
"""(file as the build named it, line, path of the file that can be opened where it still exists)"""
_Row = tuple[int, int, int, bool]
"""(offset in the section, file number, line, does a statement begin there?); line -1 ends a sequence"""


class _Unit:
    """One line table's names. files[number] = (directory number, name); the build's own directory is directory 0.

    table: where it stands in .debug_line.
    """

    __slots__ = ("directories", "files", "table")

    def __init__(self, table: int) -> None:
        self.table = table
        self.directories: list[str] = []
        self.files: list[tuple[int, str]] = []

    def name(self, number: int) -> tuple[str, str]:
        """Give (name as the build wrote it, path) of a file."""
        if not 0 <= number < len(self.files):
            return "?", "?"
        directory, name = self.files[number]
        top = self.directories[0] if self.directories else ""
        if directory and directory < len(self.directories):
            name = join(self.directories[directory], name)
        name = normpath(name)
        return name, name if isabs(name) else normpath(join(top, name))


class Lines:
    """The line tables of one module. A damaged table ends where the damage begins."""

    def __init__(self, elf: Elf) -> None:
        self._elf = elf
        self._rows: dict[int, list[tuple[_Row, _Unit]]] | None = None
        self._starts: dict[int, list[int]] = {}
        self._units: dict[int, _Unit] = {}
        self._directories: dict[int, str] | None = None

    def find(self, section: int, offset: int) -> Place | None:
        """Name the line of the instruction that holds this byte of a section.

        For a return address pass the byte before.
        """
        if self._rows is None:
            self._rows = self._read()
        rows = self._rows.get(section)
        if rows is None:
            return None
        at = bisect_right(self._starts[section], offset) - 1
        while at >= 0 and rows[at][0][2] == 0:  # code that the compiler assigns to no line belongs to the line before
            at -= 1
        if at < 0 or rows[at][0][2] < 0:
            return None
        (_, number, line, _), unit = rows[at]
        name, path = self._name(unit, number)
        return name, line, path

    def instructions(self) -> Iterator[tuple[int, int, Place, bool]]:
        """Give (section, offset, place, does a statement begin there?) of each instruction that the tables name.

        A statement may begin and end at one instruction: several lines then name it, the last one is find()'s.
        """
        if self._rows is None:
            self._rows = self._read()
        for section, rows in self._rows.items():
            size = self._elf.sections[section].size if section < len(self._elf.sections) else 0
            for (offset, number, line, begins), unit in rows:
                if line > 0 and offset < size:
                    name, path = self._name(unit, number)
                    yield section, offset, (name, line, path), begins

    def file(self, table: int, number: int) -> tuple[str, str]:
        """Give (name as the build wrote it, path) of a file, by the place of its unit's table in .debug_line."""
        if self._rows is None:
            self._rows = self._read()
        return self._name(self._units[table], number) if table in self._units else ("?", "?")

    def _name(self, unit: _Unit, number: int) -> tuple[str, str]:
        """Name a file of a unit. Old tables do not hold the directory of the build: it stands in .debug_info only."""
        if unit.directories[:1] == [""]:
            if self._directories is None:
                self._directories = self._read_directories()
            unit.directories[0] = self._directories.get(unit.table, ".")
        return unit.name(number)

    def _read_directories(self) -> dict[int, str]:
        from runtime.loader.dies import directories

        found: dict[int, str] = {}
        with suppress(IndexError, KeyError, ValueError, StructError):
            found.update(directories(self._elf))
        return found

    def _read(self) -> dict[int, list[tuple[_Row, _Unit]]]:
        rows: dict[int, list[tuple[_Row, _Unit]]] = {}
        section = self._elf.section(".debug_line")
        if section is not None:
            reader = _Reader(self._elf, self._elf.debug_bytes(section), rows)
            at = 0
            while at + 4 < len(reader.data):
                unit = self._units[at] = _Unit(at)
                at = reader.unit(at, unit)
        for index, found in rows.items():
            # Where one sequence begins at the very place another one ends, the end must not hide it.
            found.sort(key=lambda row: (row[0][0], row[0][2] >= 0))
            self._starts[index] = [row[0][0] for row in found]
        return rows


class _Reader:
    """Decodes .debug_line, unit by unit."""

    def __init__(self, elf: Elf, data: bytes, rows: dict[int, list[tuple[_Row, _Unit]]]) -> None:
        self.elf, self.data, self.rows = elf, data, rows
        section = elf.section(".debug_line")
        assert section is not None
        self.targets = {offset: (info >> 32, addend) for offset, info, addend in elf.rela_of(section)}
        self.strings: dict[str, bytes] = {}

    def unit(self, at: int, unit: _Unit) -> int:
        """Decode one unit. Return: where the next one is."""
        end: int = min(at + 4 + unpack_from("<I", self.data, at)[0], len(self.data))
        with suppress(IndexError, ValueError, StructError):
            self._header_and_program(at + 4, end, unit)
        return end

    def _header_and_program(self, at: int, end: int, unit: _Unit) -> None:
        data = self.data
        version = int.from_bytes(data[at : at + 2], "little")
        if not 3 <= version <= 5:
            return
        at += 4 if version >= 5 else 2  # sizes of an address and of a segment selector
        (header,) = unpack_from("<I", data, at)
        program = at + 4 + header
        at += 4
        shape = _Shape(data, at, version)
        at = shape.end
        if version >= 5:
            unit.directories = [name for _, name in self._entries(at)[0]]
            unit.files = self._entries(self._entries(at)[1])[0]
        else:
            self._old_names(at, unit)
        _Program(self, shape, unit).run(program, end)

    def _entries(self, at: int) -> tuple[list[tuple[int, str]], int]:
        """Read a table of names, version 5: (directory, name) each. Return: it, and where it ends."""
        data = self.data
        formats, at = [], at
        count, at = data[at], at + 1
        for _ in range(count):
            content, at = uleb128(data, at)
            form, at = uleb128(data, at)
            formats.append((content, form))
        total, at = uleb128(data, at)
        entries = []
        for _ in range(min(total, len(data))):
            directory, name = 0, ""
            for content, form in formats:
                value, at = self._value(form, at)
                if content == _PATH:
                    name = str(value)
                elif content == _DIRECTORY and isinstance(value, int):
                    directory = value
            entries.append((directory, name))
        return entries, at

    def _value(self, form: int, at: int) -> tuple[int | str, int]:
        if form == _STRING:
            return self._inline(at)
        if form in (_STRP, _LINE_STRP):
            table = ".debug_str" if form == _STRP else ".debug_line_str"
            return self._string(table, self._offset(at)), at + 4
        if form == _UDATA:
            return uleb128(self.data, at)
        if form == _BLOCK:
            size, at = uleb128(self.data, at)
            return 0, at + size
        size = _FIXED.get(form, 0)
        if not size or at + size > len(self.data):
            raise ValueError(f"DW_FORM {form:#x}")
        return int.from_bytes(self.data[at : at + size], "little"), at + size

    def _inline(self, at: int) -> tuple[str, int]:
        end = self.data.index(b"\0", at)
        return str(self.data[at:end], "utf-8", "backslashreplace"), end + 1

    def _offset(self, at: int) -> int:
        """Read an offset into another debug section, relocated."""
        if at in self.targets:
            symbol, addend = self.targets[at]
            return self.elf.symbols[symbol][1] + addend
        offset: int = unpack_from("<I", self.data, at)[0]
        return offset

    def _string(self, table: str, at: int) -> str:
        if table not in self.strings:
            section = self.elf.section(table)
            self.strings[table] = self.elf.debug_bytes(section) if section else b""
        data = self.strings[table]
        return str(data[at : data.index(b"\0", at)], "utf-8", "backslashreplace")

    def _old_names(self, at: int, unit: _Unit) -> None:
        """Read the names of versions 3 and 4: all count from 1, and the build's own directory is not named."""
        unit.directories, unit.files = [""], [(0, "?")]
        while self.data[at]:
            name, at = self._inline(at)
            unit.directories.append(name)
        at += 1
        while self.data[at]:
            name, at = self._inline(at)
            directory, at = uleb128(self.data, at)
            _, at = uleb128(self.data, at)
            _, at = uleb128(self.data, at)
            unit.files.append((directory, name))

    def address(self, at: int) -> tuple[int, int]:
        """Read an address: (section index, offset)."""
        symbol, addend = self.targets.get(at, (0, 0))
        entry = self.elf.symbols[symbol]
        return entry[5], entry[1] + addend


class _Shape:
    """The numbers in the header that the program's opcodes depend on."""

    __slots__ = ("base", "begins", "end", "lengths", "opcode_base", "range", "step")

    def __init__(self, data: bytes, at: int, version: int) -> None:
        self.step = data[at]
        at += 2 if version >= 4 else 1  # operations per instruction: 1 on x86
        self.begins = bool(data[at])  # default_is_stmt
        self.base = int.from_bytes(data[at + 1 : at + 2], "little", signed=True)
        self.range = data[at + 2] or 1
        self.opcode_base = data[at + 3]
        self.lengths = data[at + 4 : at + 3 + self.opcode_base]
        self.end = at + 3 + max(self.opcode_base, 1)


class _Program:
    """Runs one unit's line program."""

    def __init__(self, reader: _Reader, shape: _Shape, unit: _Unit) -> None:
        self.reader, self.shape, self.unit = reader, shape, unit
        self._reset()

    def _reset(self) -> None:
        self.section, self.offset, self.file, self.line = 0, 0, 1, 1
        self.begins = self.shape.begins

    def _emit(self, line: int) -> None:
        if self.section:
            row = self.offset, self.file, line, self.begins
            self.reader.rows.setdefault(self.section, []).append((row, self.unit))

    def _end(self) -> None:
        """End a sequence. A line at its very end has no instruction: at that address another sequence begins."""
        rows = self.reader.rows.get(self.section, [])
        while rows and rows[-1][0][0] == self.offset and rows[-1][0][2] >= 0:
            rows.pop()
        self._emit(-1)
        self._reset()

    def run(self, at: int, end: int) -> None:
        """Carry out the instructions in [at, end) of .debug_line."""
        data, shape = self.reader.data, self.shape
        while at < end:
            op = data[at]
            at += 1
            if op >= shape.opcode_base:
                op -= shape.opcode_base
                self.offset += op // shape.range * shape.step
                self.line += shape.base + op % shape.range
                self._emit(self.line)
            elif op == 0:
                size, at = uleb128(data, at)
                self._extended(data[at], at + 1)
                at += size
            else:
                at = self._standard(op, at)

    def _standard(self, op: int, at: int) -> int:
        data, shape = self.reader.data, self.shape
        if op == 1:  # copy
            self._emit(self.line)
        elif op == 2:  # advance_pc
            delta, at = uleb128(data, at)
            self.offset += delta * shape.step
        elif op == 3:  # advance_line
            delta, at = sleb128(data, at)
            self.line += delta
        elif op == 4:  # set_file
            self.file, at = uleb128(data, at)
        elif op == 6:  # negate_stmt
            self.begins = not self.begins
        elif op == 8:  # const_add_pc
            self.offset += (255 - shape.opcode_base) // shape.range * shape.step
        elif op == 9:  # fixed_advance_pc
            self.offset += int.from_bytes(data[at : at + 2], "little")
            at += 2
        else:
            for _ in range(shape.lengths[op - 1]):
                _, at = uleb128(data, at)
        return at

    def _extended(self, op: int, at: int) -> None:
        if op == 1:  # end_sequence
            self._end()
        elif op == 2:  # set_address
            self.section, self.offset = self.reader.address(at)
