"""What a kernel exports: a text file with a line per symbol, searched and not parsed.

A line is `NAME<tab>CRC<tab>FLAGS[<tab>NAMESPACE]`: the CRC as 8 hex digits, FLAGS an f (function) or d (data) with a g behind it for
EXPORT_SYMBOL_GPL. Made by toolchain/exports.py.
"""

from pathlib import Path
from typing import NamedTuple


class Export(NamedTuple):
    """One exported symbol. kind: "f" or "d". crc: MODVERSIONS' checksum. namespace: "" mostly."""

    crc: int
    gpl: bool
    kind: str
    namespace: str


class Exports:
    """The exports of one kernel, read from disk at the first question."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = b""

    def find(self, name: str) -> Export | None:
        """Return what the kernel exports under a name, None where it exports nothing: the module gets ENOENT."""
        text = self._text or self._load()
        start = text.find(b"\n%s\t" % name.encode())
        if start < 0:
            return None
        crc, flags, *space = text[start + len(name) + 2 : text.index(b"\n", start + 1)].decode().split("\t")
        return Export(int(crc, 16), flags[1:] == "g", flags[0], space[0] if space else "")

    def names(self) -> list[str]:
        """Return all names, sorted. This parses the file: not for the way to a running module."""
        return [line.split("\t", 1)[0] for line in (self._text or self._load()).decode().splitlines() if line and line[0] != "#"]

    def _load(self) -> bytes:
        self._text = b"\n" + self._path.read_bytes()
        return self._text
