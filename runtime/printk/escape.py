"""Bytes that do not print, written so that they do: \\n, \\e, \\0, \\033, \\x1b.

Linux: lib/string_helpers.c, string_escape_mem(), 6.1
"""

SPACES = 1 << 0
SPECIALS = 1 << 1
NULLS = 1 << 2
OCTAL = 1 << 3
ANY = SPACES | SPECIALS | NULLS | OCTAL
PRINTABLE = 1 << 4  # pass what prints
HEX = 1 << 5
ASCII = 1 << 6  # pass what is ASCII
PRINTABLE_ASCII = 1 << 7  # pass what is both
APPEND = 1 << 8  # the characters of `only` are escaped besides what the flags say

_SPACE = {0x0A: b"\\n", 0x0D: b"\\r", 0x09: b"\\t", 0x0B: b"\\v", 0x0C: b"\\f"}
_SPECIAL = {0x5C: b"\\\\", 0x07: b"\\a", 0x1B: b"\\e", 0x22: b'\\"'}
_NULL = {0: b"\\0"}


def prints(char: int) -> bool:
    """Does the kernel think that a byte prints? It counts in Latin-1."""
    return 0x20 <= char < 0x7F or char >= 0xA0


def escape(string: bytes, flags: int, only: bytes = b"") -> bytes:
    """Escape string. only: what is escaped at all; with APPEND, what is escaped whatever the flags let pass."""
    return b"".join([_escape_one(char, flags, only) for char in string])


def _passes(char: int, flags: int, only: bytes) -> bool:
    listed = char in only or (char == 0 and bool(only))  # C's strchr() finds the NUL at the end
    if flags & APPEND and listed:
        return False
    if only and not listed and not flags & APPEND:
        return True
    ascii_, printable = char < 0x80, prints(char)
    passing = PRINTABLE_ASCII if ascii_ and printable else 0
    return bool(flags & (passing | (PRINTABLE if printable else 0) | (ASCII if ascii_ else 0)))


def _escape_one(char: int, flags: int, only: bytes) -> bytes:
    if not _passes(char, flags, only):
        for flag, table in ((SPACES, _SPACE), (SPECIALS, _SPECIAL), (NULLS, _NULL)):
            if flags & flag and char in table:
                return table[char]
        if flags & OCTAL:
            return b"\\%03o" % char
        if flags & HEX:
            return b"\\x%02x" % char
    return bytes((char,))
