"""What the tests want to know of a .ko."""

from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

RELOCATIONS = {0: "NONE", 1: "64", 2: "PC32", 4: "PLT32", 11: "32S", 24: "PC64"}


class Facts:
    """Sections, symbols and relocations of one object file."""

    def __init__(self, path: Path) -> None:
        with open(path, "rb") as file:
            elf = ELFFile(file)
            symbols = list(elf.get_section_by_name(".symtab").iter_symbols())
            self.sections: dict[str, bytes] = {}
            self.allocated: set[str] = set()
            self.relocations: set[str] = set()
            for section in elf.iter_sections():
                self.sections[section.name] = section.data()
                if section["sh_flags"] & 2:
                    self.allocated.add(section.name)
                if isinstance(section, RelocationSection):
                    self._relocations(elf.get_section(section["sh_info"]), section)
            self.imports = {s.name for s in symbols if s["st_shndx"] == "SHN_UNDEF" and s.name}
            self.names = {s.name for s in symbols if s["st_shndx"] != "SHN_UNDEF"}

    def _relocations(self, target: Any, section: RelocationSection) -> None:
        if target["sh_flags"] & 2:
            types = {entry["r_info_type"] for entry in section.iter_relocations()}
            self.relocations |= {RELOCATIONS.get(number, f"type {number}") for number in types}

    def modinfo(self) -> dict[str, str]:
        """The lines of .modinfo, the last one of each tag."""
        lines = self.sections[".modinfo"].decode().split("\0")
        return dict(line.split("=", 1) for line in lines if "=" in line)
