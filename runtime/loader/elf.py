"""An ELF64 x86-64 relocatable, read from bytes. Offsets and sizes count bytes of the file; nothing in it is trusted.

Everything that Linux checks is checked, in its order and with its log lines, and so is all that would make a table run
out of the file.
Linux: kernel/module/main.c, elf_validity_check(), 6.1
"""

import struct
from collections.abc import Iterator
from errno import EINVAL

from runtime.loader.refused import KERN_ERR, Refused, linux, refused
from runtime.units import MiB

SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_COMPRESSED = 1, 2, 4, 0x800
SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOTE, SHT_NOBITS, SHT_REL = 0, 1, 2, 3, 4, 7, 8, 9
SHN_UNDEF, SHN_LORESERVE, SHN_LIVEPATCH, SHN_ABS, SHN_COMMON = 0, 0xFF00, 0xFF20, 0xFFF1, 0xFFF2
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE = range(5)
ET_REL, EM_X86_64 = 1, 62

HEADER_SIZE, SECTION_SIZE, SYMBOL_SIZE, RELA_SIZE = 64, 64, 24, 24
MAX_ALIGN = 2 * MiB
MAX_MEMORY = 1008 * MiB
"""Linux: MODULES_LEN, the room for all modules; no section can be larger."""

MAX_DEBUG = 256 * MiB

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELA = struct.Struct("<QQq")
_MACHINES = {
    3: "x86 (32 bit)",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC (64 bit)",
    22: "S/390",
    40: "ARM",
    183: "ARM (64 bit)",
    243: "RISC-V",
}

Symbol = tuple[str, int, int, int, int, int]
"""(name, value, size, bind, type, shndx); value is the offset into section shndx."""
Rela = tuple[int, int, int]
"""(offset in the target section, symbol index << 32 | type, addend)"""


class Section:
    """A section header, with its name looked up."""

    __slots__ = ("align", "entsize", "flags", "index", "info", "link", "name", "offset", "size", "type")

    def __init__(self, index: int, name: str, fields: tuple[int, ...]) -> None:
        self.index, self.name = index, name
        _, self.type, self.flags, _, self.offset, self.size, self.link, self.info, self.align, self.entsize = fields

    def __repr__(self) -> str:
        return f"<Section {self.index} {self.name} size {self.size:#x}>"

    @property
    def alloc(self) -> bool:
        """Takes memory in the loaded module."""
        return bool(self.flags & SHF_ALLOC)


class Elf:
    """A checked ELF64 x86-64 relocatable.

    Raises: Refused (ENOEXEC) for anything else.
    Invariant: every section that is not NOBITS lies inside the file; every name is a string inside its table.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._view = memoryview(data)
        count, table, names = _check_header(data)
        self.sections = _read_sections(data, count, table, names)
        self._by_name: dict[str, Section] = {}
        for section in self.sections[1:]:
            self._by_name.setdefault(section.name, section)
        self.symtab = next((s for s in self.sections if s.type == SHT_SYMTAB), None)
        self._symbols: list[Symbol] | None = None

    def section(self, name: str) -> Section | None:
        """Find the first section of that name, allocated or not (Linux: find_any_sec())."""
        return self._by_name.get(name)

    def alloc_section(self, name: str) -> Section | None:
        """Find the first section of that name that takes memory (Linux: find_sec())."""
        found = self._by_name.get(name)
        if found is None or found.flags & SHF_ALLOC:
            return found
        return next((s for s in self.sections if s.flags & SHF_ALLOC and s.name == name), None)

    def bytes_of(self, section: Section) -> memoryview:
        """Give the section's contents in the file; nothing for NOBITS."""
        if section.type == SHT_NOBITS:
            return self._view[:0]
        return self._view[section.offset : section.offset + section.size]

    def debug_bytes(self, section: Section) -> bytes:
        """Give a debug section's contents, unpacked where it is compressed; nothing where that is damaged."""
        data = bytes(self.bytes_of(section))
        if not section.flags & SHF_COMPRESSED:
            return data
        import zlib

        kind, _, size = struct.unpack_from("<IIQ", data.ljust(24, b"\0"))
        try:
            return zlib.decompressobj().decompress(data[24:], min(size, MAX_DEBUG)) if kind == 1 else b""
        except zlib.error:
            return b""

    @property
    def symbols(self) -> list[Symbol]:
        """All symbols, in order; the first is the null symbol. Raises: Refused where there is no whole table."""
        if self._symbols is None:
            self._symbols = _read_symbols(self)
        return self._symbols

    def rela_sections(self) -> Iterator[tuple[Section, Section]]:
        """Give each relocation section with its target, for targets that take memory. Raises: Refused for SHT_REL."""
        for section in self.sections:
            if (
                section.type in (SHT_RELA, SHT_REL)
                and section.info < len(self.sections)
                and self.sections[section.info].alloc
            ):
                if section.type == SHT_REL:
                    raise refused(
                        f"section {section.name}: x86-64 has no relocations without addend",
                        (KERN_ERR, "REL relocation unsupported"),
                    )
                yield section, self.sections[section.info]

    def relocations(self, section: Section) -> Iterator[Rela]:
        """Read the entries of a relocation section. Raises: Refused where its size is no number of entries."""
        if section.size % RELA_SIZE or section.entsize not in (0, RELA_SIZE):
            raise refused(f"section {section.name}: its size {section.size} is no multiple of an entry's, {RELA_SIZE}")
        return _RELA.iter_unpack(self.bytes_of(section))

    def rela_of(self, target: Section) -> Iterator[Rela]:
        """Read all relocations that apply to a section, allocated or not."""
        for section in self.sections:
            if section.type == SHT_RELA and section.info == target.index:
                yield from self.relocations(section)


def _check_header(data: bytes) -> tuple[int, int, int]:
    """Check the file's header. Return: the number of sections, where their headers are, the index of their names."""
    if not data:
        raise refused("the file is empty", errno=EINVAL)
    if len(data) < HEADER_SIZE:
        if data[:4] not in (b"", b"\x7fELF"):
            raise refused("not an ELF file", (KERN_ERR, f"Invalid ELF header len {len(data)}"))
        raise refused(f"the file is cut short: {len(data)} bytes", (KERN_ERR, f"Invalid ELF header len {len(data)}"))
    if data[:4] != b"\x7fELF":
        raise refused(f"not an ELF file{_what_else(data)}", (KERN_ERR, "Invalid ELF header magic: != \x7fELF"))
    kind, machine = struct.unpack_from("<HH", data, 16)
    if kind != ET_REL:
        raise refused(
            f"not a relocatable object (ELF type {kind}, not 1)", (KERN_ERR, f"Invalid ELF header type: {kind} != 1")
        )
    if machine != EM_X86_64:
        text = f"built for another architecture: {_MACHINES.get(machine, f'ELF machine {machine}')}, not x86-64"
        raise refused(text, (KERN_ERR, f"Invalid architecture in ELF header: {machine}"))
    table = struct.unpack_from("<Q", data, 40)[0]
    entry, count, names = struct.unpack_from("<HHH", data, 58)
    if entry != SECTION_SIZE:
        raise linux("Invalid ELF section header size")
    if table >= len(data) or count * SECTION_SIZE > len(data) - table:
        raise refused(
            "the file is cut short: its section headers lie outside", (KERN_ERR, "Invalid ELF section header overflow")
        )
    if names == SHN_UNDEF or names >= count:
        raise linux(f"Invalid ELF section name index: {names} || e_shstrndx ({names}) >= e_shnum ({count})")
    return count, table, names


def _what_else(data: bytes) -> str:
    """Name what people pass by mistake."""
    for magic, what in ((b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x1f\x8b", "gzip")):
        if data.startswith(magic):
            return f": it is compressed with {what}, unpack it first"
    return ""


def _read_sections(data: bytes, count: int, table: int, names_index: int) -> list[Section]:
    headers = list(_SECTION.iter_unpack(memoryview(data)[table : table + count * SECTION_SIZE]))
    names = _section_names(data, headers[names_index])
    if headers[0][1] != SHT_NULL or headers[0][5] or headers[0][3]:
        raise linux(f"ELF Spec violation: section 0 type({headers[0][1]})!=SH_NULL or non-zero len or addr")
    end, sections = len(data), []
    for index, fields in enumerate(headers):
        name_at, kind, flags, _, offset, size, link, _, align, _ = fields
        name = str(names[name_at : names.find(b"\0", name_at)], "utf-8", "backslashreplace")
        if kind != SHT_NOBITS and kind != SHT_NULL and offset + size > end:
            raise _outside(index, name, kind, offset + size, end)
        if name_at >= len(names):
            raise linux(f"Invalid ELF section name in module (section {index} type {kind})")
        if flags & SHF_ALLOC and (size > MAX_MEMORY or align & align - 1 or align > MAX_ALIGN):
            raise _absurd(name, size, align)
        if kind == SHT_SYMTAB and not 0 < link < count:
            raise linux(f"Invalid ELF sh_link!=SHN_UNDEF({link}) or (sh_link({link}) >= hdr->e_shnum({count})")
        sections.append(Section(index, name, fields))
    return sections


def _section_names(data: bytes, header: tuple[int, ...]) -> bytes:
    offset, size = header[4], header[5]
    if offset + size > len(data) or header[1] == SHT_NOBITS:
        raise linux(f"Invalid ELF section hdr(type {header[1]})")
    names = data[offset : offset + size]
    if not names:
        raise linux("empty section name table")
    if names[-1]:
        raise linux("ELF Spec violation: section name table isn't null terminated")
    return names


def _outside(index: int, name: str, kind: int, last: int, end: int) -> Refused:
    text = f"section {name}: it ends at byte {last}, the file has {end}: cut short, or damaged"
    return refused(text, (KERN_ERR, f"Invalid ELF section in module (section {index} type {kind})"))


def _absurd(name: str, size: int, align: int) -> Refused:
    if size > MAX_MEMORY:
        return refused(f"section {name}: {size} bytes of memory, more than the module area has")
    return refused(f"section {name}: an alignment of {align:#x} is no power of two up to {MAX_ALIGN:#x}")


def _read_symbols(elf: Elf) -> list[Symbol]:
    symtab = elf.symtab
    if symtab is None:
        raise refused("it has no symbols (stripped?)")
    strings = elf.sections[symtab.link]
    if symtab.size % SYMBOL_SIZE or symtab.size == 0 or symtab.entsize not in (0, SYMBOL_SIZE):
        raise refused(f"section {symtab.name}: its size {symtab.size} is no multiple of an entry's, {SYMBOL_SIZE}")
    names = bytes(elf.bytes_of(strings))
    if strings.type != SHT_STRTAB or names[-1:] != b"\0":
        raise refused(f"section {symtab.name}: its string table {strings.name} is damaged")
    symbols: list[Symbol] = []
    limit, find = len(names), names.find
    for name_at, info, _, shndx, value, size in _SYMBOL.iter_unpack(elf.bytes_of(symtab)):
        if name_at >= limit:
            raise refused(f"section {symtab.name}: the name of symbol {len(symbols)} lies outside {strings.name}")
        name = str(names[name_at : find(b"\0", name_at)], "utf-8", "backslashreplace") if name_at else ""
        symbols.append((name, value, size, info >> 4, info & 15, shndx))
    return symbols
