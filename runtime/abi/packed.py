"""Structures that are written as a whole: the values of some members at once, and zeros between them."""

from struct import Struct, calcsize
from typing import Any

_CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "*": "Q"}


def packed(abi: Any, name: str, *members: str) -> Struct:
    """Return what makes the bytes of a structure: pack(the value of each member, in the order in which they lie)."""
    text, end = "<", 0
    for member in members:
        offset, kind = abi.member(name, member)
        assert offset >= end, f"struct {name}: {member} lies before the member that is named before it"
        code = _CODES[kind]
        text, end = f"{text}{offset - end}x{code}", offset + calcsize(f"<{code}")
    return Struct(f"{text}{abi.sizeof(name) - end}x")
