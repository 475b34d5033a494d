"""Where each section of a module goes: the core part, which stays, and the init part, freed after init.

All in bytes from the start of a part.

A part is a row of whole pages: text (executable), read-only data, data that is read-only after init (core only),
writable data, and the symbol table that kallsyms uses.
Linux: kernel/module/main.c, layout_sections(); kernel/module/kallsyms.c, layout_symtab(), 6.1
"""

from errno import ENOMEM

from runtime.loader.elf import (
    MAX_MEMORY,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHN_UNDEF,
    SYMBOL_SIZE,
    Elf,
    Section,
    Symbol,
)
from runtime.loader.refused import linux, refused
from runtime.units import align, page_align

PERCPU = ".data..percpu"
SHF_RO_AFTER_INIT = 0x00200000
_DROPPED = (".modinfo", "__versions", PERCPU)
_RO_AFTER_INIT = (".data..ro_after_init", "__jump_table")
_KALLSYMS_HEAD = 32  # three pointers and a count, which follow the init part's symbols

# (flags that a section must have, flags that it must not have), in the order of the row.
_ROW = (
    (SHF_EXECINSTR | SHF_ALLOC, 0),
    (SHF_ALLOC, SHF_WRITE),
    (SHF_RO_AFTER_INIT | SHF_ALLOC, 0),
    (SHF_WRITE | SHF_ALLOC, 0),
)


class Part:
    """The core or the init part.

    Each of the sizes is an end, in bytes from its start, and a multiple of the page size once laid out.
    """

    __slots__ = ("ro_after_init_size", "ro_size", "size", "text_size")

    def __init__(self) -> None:
        self.size = self.text_size = self.ro_size = self.ro_after_init_size = 0

    def add(self, section: Section) -> int:
        """Append a section. Return: its offset."""
        offset = align(self.size, section.align or 1)
        self.size = offset + section.size
        return offset

    def protections(self, base: int, after_init: bool) -> list[tuple[int, int, str]]:
        """Give (virt, bytes, "rx" | "ro" | "rw") of its page ranges, empty ones left out.

        Linux: kernel/module/strict_rwx.c, module_enable_ro(), module_enable_nx()
        """
        ends = (
            ("rx", self.text_size),
            ("ro", self.ro_size),
            ("ro" if after_init else "rw", self.ro_after_init_size),
            ("rw", self.size),
        )
        ranges, start = [], 0
        for kind, end in ends:
            if end > start:
                ranges.append((base + start, end - start, kind))
                start = end
        return ranges

    def protected_late(self, base: int) -> list[tuple[int, int, str]]:
        """What differs after init: what is written only until then."""
        size = self.ro_after_init_size - self.ro_size
        return [(base + self.ro_size, size, "ro")] if size else []


class Layout:
    """The places of all sections: places[index] is (in the init part?, offset); no place: it takes no memory."""

    __slots__ = ("core", "init", "percpu", "places")

    def __init__(self, elf: Elf, name: str) -> None:
        self.core, self.init = Part(), Part()
        self.places: dict[int, tuple[bool, int]] = {}
        self.percpu = elf.alloc_section(PERCPU)
        flags = _working_flags(elf, name)
        for part, initial in ((self.core, False), (self.init, True)):
            self._lay_out(part, elf.sections, flags, initial)
        self._add_symbols(elf)
        if self.core.size + self.init.size > MAX_MEMORY:
            total = self.core.size + self.init.size
            raise refused(f"{total} bytes of memory, more than the module area has", errno=ENOMEM)

    def _lay_out(self, part: Part, sections: list[Section], flags: list[int], initial: bool) -> None:
        """Fill a part, row by row; each row ends on a page."""
        todo = [s for s in sections if flags[s.index] & SHF_ALLOC and s.name.startswith(".init") == initial]
        for row, (have, have_not) in enumerate(_ROW):
            rest = []
            for section in todo:
                mine = flags[section.index]
                if mine & have == have and not mine & have_not:
                    self.places[section.index] = initial, part.add(section)
                else:
                    rest.append(section)
            todo = rest
            part.size = page_align(part.size)
            if row == 0:
                part.text_size = part.size
            elif row == 1:
                part.ro_size = part.ro_after_init_size = part.size
            elif row == 2 and not initial:
                part.ro_after_init_size = part.size

    def _add_symbols(self, elf: Elf) -> None:
        """Make room for the symbol tables, as large as Linux does: lsmod shows these sizes."""
        symbols, symtab = elf.symbols, elf.symtab
        assert symtab is not None
        self.init.add(symtab)
        core, init = self.core, self.init
        keep = [symbols[0]] + [s for s in symbols[1:] if self.is_core(s)]
        names = sum(len(s[0].encode()) + 1 for s in keep)
        core.size = align(core.size, symtab.align or 1) + len(keep) * (SYMBOL_SIZE + 1) + names
        core.size = page_align(core.size)
        init.add(elf.sections[symtab.link])
        init.size = page_align(align(init.size, 8) + _KALLSYMS_HEAD + len(symbols))

    def is_core(self, symbol: Symbol) -> bool:
        """Tell whether kallsyms keeps the symbol after init: it has a name and lies in memory that stays."""
        name, shndx = symbol[0], symbol[5]
        if shndx == SHN_UNDEF or not name:
            return False
        if self.percpu is not None and shndx == self.percpu.index:
            return True
        place = self.places.get(shndx)
        return place is not None and not place[0]


def _working_flags(elf: Elf, name: str) -> list[int]:
    """Copy the sections' flags as the loader changes them. Raises: Refused for a writable, executable section."""
    flags = [s.flags for s in elf.sections]
    for section in elf.sections:
        if section.flags & (SHF_WRITE | SHF_EXECINSTR) == SHF_WRITE | SHF_EXECINSTR:
            raise linux(f"{name}: section {section.name} (index {section.index}) has invalid WRITE|EXEC flags")
    for dropped in _DROPPED:
        if found := elf.alloc_section(dropped):
            flags[found.index] &= ~SHF_ALLOC
    for late in _RO_AFTER_INIT:
        if found := elf.alloc_section(late):
            flags[found.index] |= SHF_RO_AFTER_INIT
    return flags
