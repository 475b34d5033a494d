"""What a .ko file says, read without loading it: imports, exports, and the values that its parameters start with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from runtime.abi import Abi
from runtime.abi import load as load_abi
from runtime.errors import Usage
from runtime.loader.elf import SHN_LORESERVE, SHN_UNDEF, SHT_NOBITS, STB_WEAK, Elf, Section
from runtime.loader.modinfo import Modinfo
from runtime.loader.refused import Refused

ABI = "linux-6.1-x86_64"
KSYMTAB = "__ksymtab_"
# parm type -> size in bytes, signed
INTEGERS = {"byte": (1, False), "short": (2, True), "ushort": (2, False), "int": (4, True), "uint": (4, False),
            "long": (8, True), "ulong": (8, False), "ullong": (8, False), "hexint": (4, False)}
MAX_TEXT = 1024
Place = tuple[int, int]
"""(section index, offset in the section) that a relocated pointer leads to."""


class Import(NamedTuple):
    """An undefined symbol. weak: it is 0 where nobody provides it."""

    name: str
    weak: bool


class Parameter(NamedTuple):
    """type: as modinfo names it, "" for one with callbacks of its own; default: its text before insmod sets it."""

    name: str
    type: str
    description: str
    default: str | None


class KoFile:
    """One module file. Raises: OSError where it cannot be read; Refused where Linux would not load it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path.read_bytes()
        self.elf = Elf(self.data)
        self.info = Modinfo(self.elf)
        self._pointers: dict[int, dict[int, Place]] = {}
        self._abi: Abi | None = None

    @property
    def name(self) -> str:
        """The name in the kernel; that of the file where .modinfo has none."""
        return self.info.get("name") or self.path.stem.replace("-", "_")

    @property
    def abi(self) -> Abi:
        self._abi = self._abi or load_abi(ABI)
        return self._abi

    def imports(self) -> list[Import]:
        """What others must provide, in the order of the file."""
        return [Import(name, bind == STB_WEAK) for name, _, _, bind, _, section in self.elf.symbols
                if section == SHN_UNDEF and name]

    def exports(self) -> list[str]:
        """What the module exports to later ones."""
        return [symbol[0][len(KSYMTAB):] for symbol in self.elf.symbols if symbol[0].startswith(KSYMTAB) and symbol[5]]

    def parameters(self) -> list[Parameter]:
        """All parameters, in the order of the file."""
        told = {name: (kind, text) for name, kind, text in self.info.parameters()}
        section = self.elf.alloc_section("__param")
        if section is None:
            return []
        found = []
        for at in range(0, section.size, self.abi.sizeof("kernel_param")):
            name = self.string((section.index, at), "kernel_param", "name")
            kind, text = told.get(name, ("", ""))
            variable = self.target((section.index, at), "kernel_param", "arg")
            found.append(Parameter(name, kind, text, self.value(kind, variable)))
        return found

    def value(self, kind: str, place: Place | None) -> str | None:
        """The text of a variable of a parameter's type, as modinfo names types: `int`, `charp`, `array of int`."""
        if place is None:
            return None
        if kind in INTEGERS:
            return self.integer(kind, place)
        if kind in ("bool", "invbool"):
            return "Y" if (self.bytes(place, 1) != b"\0") == (kind == "bool") else "N"
        if kind == "charp":
            text = self.pointer(place)
            return "(null)" if text is None else self.text(text)
        if kind == "string":
            return self.string(place, "kparam_string", "string")
        if kind.startswith("array of "):
            return self.array(kind.removeprefix("array of "), place)
        return None

    def integer(self, kind: str, place: Place) -> str:
        size, signed = INTEGERS[kind]
        value = int.from_bytes(self.bytes(place, size), "little", signed=signed)
        return f"{value:#x}" if kind == "hexint" else str(value)

    def array(self, kind: str, place: Place) -> str | None:
        """As many elements as the array's counter says, all of them where it has none."""
        elements, counter = self.target(place, "kparam_array", "elem"), self.target(place, "kparam_array", "num")
        if elements is None:
            return None
        count = int.from_bytes(self.bytes(counter or self.member(place, "kparam_array", "max"), 4), "little")
        step = int.from_bytes(self.bytes(self.member(place, "kparam_array", "elemsize"), 4), "little")
        section, first = elements
        room = self.elf.sections[section].size - first
        values = [self.value(kind, (section, first + i * step)) for i in range(min(count, room // step if step else 0))]
        return None if None in values else ",".join(value for value in values if value is not None)

    def member(self, place: Place, struct: str, name: str) -> Place:
        return place[0], place[1] + self.abi.offset(struct, name)

    def target(self, place: Place, struct: str, member: str) -> Place | None:
        """Where the pointer in a member of the structure at place leads."""
        return self.pointer(self.member(place, struct, member))

    def string(self, place: Place, struct: str, member: str) -> str:
        target = self.target(place, struct, member)
        return "" if target is None else self.text(target)

    def pointer(self, place: Place) -> Place | None:
        """Where the relocated pointer at place leads; None for NULL and for what other modules define."""
        index, offset = place
        if index not in self._pointers:
            self._pointers[index] = dict(self.relocated(self.elf.sections[index]))
        return self._pointers[index].get(offset)

    def relocated(self, section: Section) -> Iterator[tuple[int, Place]]:
        """(offset in the section, what it leads to) of each relocation to something that the module itself has."""
        symbols = self.elf.symbols
        for offset, info, addend in self.elf.rela_of(section):
            if info >> 32 < len(symbols):
                symbol = symbols[info >> 32]
                if SHN_UNDEF < symbol[5] < min(SHN_LORESERVE, len(self.elf.sections)):
                    yield offset, (symbol[5], symbol[1] + addend)

    def bytes(self, place: Place, size: int) -> bytes:
        """The bytes that a variable starts with; zeroes in .bss."""
        section = self.elf.sections[place[0]]
        if section.type == SHT_NOBITS:
            return bytes(size)
        return bytes(self.elf.bytes_of(section)[place[1] : place[1] + size])

    def text(self, place: Place) -> str:
        """The C string at place."""
        return self.bytes(place, MAX_TEXT).partition(b"\0")[0].decode("utf-8", "backslashreplace")


@contextmanager
def opened(path: Path) -> Iterator[KoFile]:
    """Read a module file. Raises: Usage, in one line, where it is none or is damaged."""
    try:
        yield KoFile(path)
    except Refused as problem:
        raise Usage(f"{path}: {problem.strerror}") from None
