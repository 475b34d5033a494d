"""Reads the modules of tests/data/printk: their calls are written so that a test can read them, and the real kernel's
log lies beside them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "printk"

Argument = int | bytes | str
Call = tuple[int, str, list[Argument]]
"""(line, macro, arguments); a name is a str"""

_TOKEN = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"|P\((?P<pointer>\w+)\)|E\((?P<error>\d+)\)|(?P<number>-?(?:0x[0-9a-fA-F]+|\d+))(?P<suffix>U?L*)'
    r"|'(?P<char>\\?.)'|(?P<name>\w+)"
)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-f]{2})|(.))")
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_GARBAGE = 0xDEAD << 32  # the upper half of a register that holds an int is anything


def c_string(text: str) -> bytes:
    """The bytes that a C string literal stands for."""

    def one(found: re.Match[bytes]) -> bytes:
        octal, hexadecimal, char = found.groups()
        if octal or hexadecimal:
            return bytes((int(octal, 8) if octal else int(hexadecimal, 16),))
        return _ESCAPED.get(char, char)

    return _ESCAPE.sub(one, text.encode())


def argument(found: re.Match[str]) -> Argument:
    kind, text = str(found.lastgroup), found[found.lastgroup or 0]
    if kind == "string":
        return c_string(text)
    if kind == "pointer":
        return int(text, 0)
    if kind == "error":
        return (1 << 64) - int(text)
    if kind == "char":
        return c_string(text)[0]
    if kind == "name":
        return 0 if text == "NULL" else text
    number = int(found["number"], 0)
    return number & (1 << 64) - 1 if "L" in found["suffix"] else number & 0xFFFFFFFF | _GARBAGE


def arguments(text: str) -> list[Argument]:
    return [argument(found) for found in _TOKEN.finditer(text)]


def calls(name: str, macros: str) -> Iterator[Call]:
    """The calls of these one-letter or longer macros in a module, in order; several on one line, too."""
    pattern = re.compile(rf"\b({macros})\(((?:\"(?:[^\"\\]|\\.)*\"|'\\?.'|P\(\w+\)|E\(\d+\)|[^\"';()])*)\);")
    for number, line in enumerate((DATA / f"{name}.c").read_text().splitlines(), 1):
        if line.startswith("\t"):
            yield from ((number, macro, arguments(text)) for macro, text in pattern.findall(line))


def data(name: str) -> dict[str, bytes]:
    """The arrays that a module declares with DATA."""
    pattern = re.compile(r"^DATA\((\w+), (.*)\);$", re.M)
    return {
        array: bytes(int(byte, 0) for byte in text.split(","))
        for array, text in pattern.findall((DATA / f"{name}.c").read_text())
    }


def log(name: str) -> list[bytes]:
    """What the real kernel logged: `<level> text`, a line each."""
    return [line for line in (DATA / f"{name}.log").read_bytes().split(b"\n") if line.startswith(b"<")]
