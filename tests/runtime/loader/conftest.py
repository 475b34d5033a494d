"""Hand-made relocatables, and a machine that only remembers what the loader tells it."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.abi import Abi, load
from runtime.loader.host import Found
from runtime.loader.module import LoadedModule, Loading

VERMAGIC = "6.1.0-56-amd64 SMP preempt mod_unload modversions "
CORE, INIT, PERCPU = 0xFFFFFFFFC0000000, 0xFFFFFFFFC0800000, 0x1F000
ALLOC, WRITE, EXEC = 2, 1, 4
PROGBITS, SYMTAB, STRTAB, RELA, NOBITS = 1, 2, 3, 4, 8
HERE = Path(__file__).parent


class Maker:
    """Puts an ELF relocatable together, section by section."""

    def __init__(self) -> None:
        self.sections: list[list[Any]] = [["", 0, 0, b"", 0, 0, 0, 0, 0]]
        self.symbols: list[tuple[str, int, int, int, int]] = []
        self.relocations: dict[int, list[tuple[int, int, int, int]]] = {}

    def section(
        self,
        name: str,
        flags: int = 0,
        data: bytes = b"",
        *,
        kind: int = PROGBITS,
        align: int = 1,
        size: int | None = None,
        link: int = 0,
        info: int = 0,
        entsize: int = 0,
    ) -> int:
        """Append a section. Return: its index."""
        size = len(data) if size is None else size
        self.sections.append([name, kind, flags, data, size, link, info, align, entsize])
        return len(self.sections) - 1

    def symbol(self, name: str, shndx: int = 0, value: int = 0, bind: int = 1, kind: int = 0) -> int:
        """Append a symbol. Return: its index."""
        self.symbols.append((name, value, bind << 4 | kind, shndx, 0))
        return len(self.symbols)

    def rela(self, section: int, offset: int, kind: int, symbol: int, addend: int = 0) -> None:
        self.relocations.setdefault(section, []).append((offset, kind, symbol, addend))

    def tables(self) -> None:
        """Append symbols, strings and relocations, which a complete file has."""
        strings, entries = bytearray(b"\0"), [bytes(24)]
        for name, value, info, shndx, size in self.symbols:
            entries.append(struct.pack("<IBBHQQ", len(strings) if name else 0, info, 0, shndx, value, size))
            strings += name.encode() + b"\0" if name else b""
        self.section(".strtab", data=bytes(strings), kind=STRTAB)
        symtab = self.section(
            ".symtab", data=b"".join(entries), kind=SYMTAB, align=8, entsize=24, link=len(self.sections) - 1
        )
        for target, relas in self.relocations.items():
            data = b"".join(struct.pack("<QQq", at, symbol << 32 | kind, addend) for at, kind, symbol, addend in relas)
            name = ".rela" + self.sections[target][0]
            self.section(name, data=data, kind=RELA, align=8, link=symtab, info=target, entsize=24)

    def bytes(self) -> bytes:
        """Lay the file out: header, contents, section headers."""
        names = b"\0" + b"".join(s[0].encode() + b"\0" for s in self.sections[1:]) + b".shstrtab\0"
        self.section(".shstrtab", data=names, kind=STRTAB)
        out, headers, name_at = bytearray(64), [], 1
        for index, (name, kind, flags, data, size, link, info, align, entsize) in enumerate(self.sections):
            out += bytes(-len(out) % 16)
            place = name_at if index else 0
            headers.append(
                struct.pack(
                    "<IIQQQQIIQQ", place, kind, flags, 0, len(out) if index else 0, size, link, info, align, entsize
                )
            )
            name_at += len(name) + 1 if index else 0
            out += data
        out += bytes(-len(out) % 16)
        ident = b"\x7fELF\2\1\1" + bytes(9)
        out[:64] = ident + struct.pack(
            "<HHIQQQIHHHHHH", 1, 62, 1, 0, 0, len(out), 0, 64, 0, 0, 64, len(headers), len(headers) - 1
        )
        return bytes(out + b"".join(headers))


class Machine:
    """A kernel with some exports; it remembers log lines and taints."""

    def __init__(self, abi: Abi) -> None:
        self.abi = abi
        self.lines: list[tuple[int, str]] = []
        self.taint = 0
        self.exports: dict[str, Found] = {}

    def log(self, level: int, text: str) -> None:
        self.lines.append((level, text))

    def find(self, name: str) -> Found | None:
        if name not in self.exports:
            export = self.abi.exports.find(name)
            if export is None:
                return None
            virt = 0xFFFFFFFF81000000 + 16 * len(self.exports)
            self.exports[name] = Found(virt, export.crc, export.gpl, export.namespace)
        return self.exports[name]

    def taints(self) -> int:
        return self.taint

    def add_taint(self, bits: int) -> None:
        if bits & 3 and not self.taint & 3:
            self.log(4, "Disabling lock debugging due to kernel taint")
        self.taint |= bits


@pytest.fixture(scope="session")
def abi() -> Abi:
    return load("linux-6.1-x86_64")


@pytest.fixture
def machine(abi: Abi) -> Machine:
    return Machine(abi)


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def minimal(abi: Abi) -> Callable[..., Maker]:
    """Make a module that loads: minimal("license=MIT") replaces tags; the caller adds to it and calls finish()."""

    def make(*tags: str, name: str = "mini", this_size: int | None = None) -> Maker:
        made = Maker()
        has = {"name": name, "license": "GPL", "vermagic": VERMAGIC, "intree": "Y", "retpoline": "Y", "bundled": "Y"}
        extra = [tag for tag in tags if tag.partition("=")[0] not in has]
        has |= dict(tag.split("=", 1) for tag in tags if tag not in extra)
        text = b"".join(f"{k}={v}\0".encode() for k, v in has.items() if v) + b"".join(
            t.encode() + b"\0" for t in extra
        )
        made.section(".modinfo", ALLOC, text)
        size = abi.sizeof("module") if this_size is None else this_size
        this = bytearray(size)
        offset = abi.offset("module", "name")
        this[offset : offset + len(name)] = name.encode()
        made.symbol("__this_module", made.section(".gnu.linkonce.this_module", ALLOC | WRITE, bytes(this), align=64))
        return made

    return make


def loaded(data: bytes, machine: Machine, **options: Any) -> tuple[Loading, LoadedModule]:
    """Load a module's bytes to fixed addresses."""
    loading = Loading(data, machine, machine.abi, VERMAGIC, **options)
    loading.place(CORE, INIT if loading.layout.init.size else 0, PERCPU if loading.percpu[0] else 0)
    return loading, loading.finish()


def finished(made: Maker) -> bytes:
    """Complete a hand-made module."""
    made.tables()
    return made.bytes()


@pytest.fixture
def load_bytes(machine: Machine) -> Callable[..., tuple[Loading, LoadedModule]]:
    return lambda data, **options: loaded(data, machine, **options)


@pytest.fixture
def finish() -> Callable[[Maker], bytes]:
    return finished


@pytest.fixture(scope="session")
def sample_ko(build_ko: Callable[[Path], Path]) -> bytes:
    """sample.c, built by kbuild: one of everything that the loader has to deal with."""
    return build_ko(HERE / "sample.c").read_bytes()


@pytest.fixture
def sample(sample_ko: bytes, machine: Machine) -> tuple[Loading, LoadedModule]:
    return loaded(sample_ko, machine)
