"""A module in memory: where it lies, what it exports and uses, and the names and lines of its addresses.

Linux: include/linux/module.h, struct module, 6.1
"""

from functools import cached_property
from typing import TYPE_CHECKING

from runtime.loader.elf import Elf, Section
from runtime.loader.exports import Export
from runtime.loader.kallsyms import Symbols
from runtime.loader.layout import Layout
from runtime.loader.lines import Lines, Place
from runtime.loader.modinfo import Modinfo
from runtime.loader.text_scan import Patch

if TYPE_CHECKING:
    from runtime.loader.inlines import Inlines

LIVE, COMING, GOING, UNFORMED = range(4)  # MODULE_STATE_*, as struct module holds them


class _Dwarf:
    """What DWARF tells of a file, read when somebody asks: it follows from the file, and is no state of the machine."""

    def __init__(self, elf: Elf) -> None:
        self.elf = elf

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.elf)

    @cached_property
    def inlines(self) -> "Inlines":
        from runtime.loader.inlines import Inlines

        return Inlines(self.elf, self.lines)


class LoadedModule:
    """A module in memory: plain data. Addresses are virt, sizes bytes.

    core_base, init_base: where its parts are (layout says how large); init_base 0 once it is freed. init, exit: its
    functions, 0 where it has none. sections: name -> (virt, bytes) of all that take memory. exports: name -> Export.
    uses: modules whose symbols this one uses; users: modules that use its own. kallsyms: names of its addresses as the
    kernel knows them now; core_kallsyms: what stays after init; names: all, of the freed init part as well, for
    reports. warnings: for the user, not for the log. strings, args: virt of what was allocated for its parameters.
    copies: phys of the pointers in struct module to what the kernel has copied for it.
    patches: virt -> instruction that was replaced by an invalid opcode (text_scan.py). The reference count lives in the
    guest's struct module (at virt), as inline code may read it.
    """

    def __init__(self, name: str, info: Modinfo, elf: Elf) -> None:
        self.name, self.info, self.elf = name, info, elf
        self.state = UNFORMED
        self.virt = 0
        self.core_base, self.init_base, self.first_init_base = 0, 0, 0
        self.percpu, self.percpu_size = 0, 0
        self.sections: dict[str, tuple[int, int]] = {}
        self.section_virts: dict[int, int] = {}
        self.exports: dict[str, Export] = {}
        self.imports: list[str] = []
        self.uses: list[str] = []
        self.users: list[str] = []
        self.warnings: list[str] = []
        self.taints = 0
        self.using_gplonly_symbols = self.signed = False
        self.init = self.exit = 0
        self.patches: dict[int, Patch] = {}
        self.strings: tuple[int, ...] = ()
        self.args = 0
        self.copies: tuple[int, ...] = ()
        self._dwarf = _Dwarf(elf)
        self.layout: Layout
        self.kallsyms: Symbols
        self.names: Symbols
        self.core_kallsyms: Symbols

    def __repr__(self) -> str:
        return f"<LoadedModule {self.name} at {self.core_base:#x}>"

    def contains(self, virt: int) -> bool:
        """Tell whether an address lies in the module's memory."""
        core, init, layout = self.core_base, self.init_base, self.layout
        return (core != 0 and core <= virt < core + layout.core.size) or (
            init != 0 and init <= virt < init + layout.init.size
        )

    def contains_text(self, virt: int) -> bool:
        """Tell whether an address lies in the module's executable pages."""
        core, init = self.layout.core, self.layout.init
        return self._within(virt, self.core_base, core.text_size) or self._within(virt, self.init_base, init.text_size)

    @staticmethod
    def _within(virt: int, base: int, size: int) -> bool:
        return base != 0 and base <= virt < base + size

    def protections(self, after_init: bool = False) -> list[tuple[int, int, str]]:
        """Give (virt, bytes, "rx" | "ro" | "rw") of all its pages; after_init: of the core as it is protected then."""
        ranges = self.layout.core.protections(self.core_base, after_init)
        if self.init_base and not after_init:
            ranges += self.layout.init.protections(self.init_base, False)
        return ranges

    def protected_late(self) -> list[tuple[int, int, str]]:
        """What differs after init from protections()."""
        return self.layout.core.protected_late(self.core_base)

    def free_init(self) -> None:
        """Forget the init part: init has returned, its memory goes away, its names with it."""
        self.init_base = 0
        self.kallsyms = self.core_kallsyms

    def code_virt(self, index: int, offset: int) -> int | None:
        """Give the address of an offset in a section; None where the section is not in memory."""
        start = self.section_virts.get(index)
        return None if start is None else start + offset

    def line(self, virt: int) -> Place | None:
        """Name file and line of the instruction that holds this byte; None without DWARF.

        For a return address pass the byte before. As with names: of the init part also once it is freed.
        """
        where = self.section_of(virt)
        return self._dwarf.lines.find(where[0].index, where[1]) if where else None

    def inlined(self, virt: int) -> list[tuple[str, Place]]:
        """Name the functions around the instruction that holds this byte, innermost first, each with its line.

        All but the last are inlined into it; nothing without DWARF.
        """
        where = self.section_of(virt)
        if where is None:
            return []
        return self._dwarf.inlines.find(where[0].index, where[1])

    def section_of(self, virt: int) -> tuple[Section, int] | None:
        """Find the section, and the offset in it, of an address; for DWARF look-ups, which know sections only."""
        for index, start in self.section_virts.items():
            section = self.elf.sections[index]
            if start <= virt < start + section.size:
                return section, virt - start
        return None

    def was_at(self, virt: int) -> bool:
        """Tell whether an address lies in the module's memory, or in its init part before that was freed.

        A report names where memory was allocated: mostly in an init function that is long gone.
        """
        return self.contains(virt) or self._within(virt, self.first_init_base, self.layout.init.size)
