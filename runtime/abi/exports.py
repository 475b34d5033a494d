"""What a kernel exports: a text file with a line per symbol, searched and not parsed.

A line is `NAME<tab>CRC<tab>FLAGS[<tab>NAMESPACE]`: the CRC as 8 hex digits, FLAGS an f (function) or d (data) with a g
behind it for EXPORT_SYMBOL_GPL. The lines are sorted. Made by toolchain/exports.py.
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
        key = name.encode() + b"\t"
        low, high = 0, len(text)
        while low < high:  # a binary search over bytes: low and high are starts of lines
            start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = text.index(b"\n", start) + 1
            line = text[start:end]
            if line.startswith(key):
                crc, flags, *space = line[len(key) : -1].decode().split("\t")
                return Export(int(crc, 16), flags[1:] == "g", flags[0], space[0] if space else "")
            if line < key:
                low = end
            else:
                high = start
        return None

    def names(self) -> list[str]:
        """Return all names, sorted. This parses the file: not for the way to a running module."""
        return [
            line.split("\t", 1)[0]
            for line in (self._text or self._load()).decode().splitlines()
            if line and line[0] != "#"
        ]

    def _load(self) -> bytes:
        self._text = self._path.read_bytes()
        return self._text
