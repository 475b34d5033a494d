"""ctype.h: classes of characters, in Latin-1.

Linux: lib/ctype.c, include/linux/ctype.h, 6.1
"""

from kapi.registry import export_data
from runtime.kernel import Kernel

UPPER, LOWER, DIGIT, CONTROL, PUNCTUATION, SPACE, HEX, BLANK = (1 << bit for bit in range(8))


def _class(char: int) -> int:
    half = char & 0x7F
    if char >= 0x80:
        return _latin_class(char)
    if half == 0x20:
        return SPACE | BLANK
    if half < 0x20 or half == 0x7F:
        return CONTROL | (SPACE if 9 <= half <= 13 else 0)
    if 0x30 <= half <= 0x39:
        return DIGIT
    hexadecimal = HEX if chr(half) in "abcdefABCDEF" else 0
    if chr(half).isalpha():
        return (UPPER if half < 0x60 else LOWER) | hexadecimal
    return PUNCTUATION


def _latin_class(char: int) -> int:
    if char < 0xA0:
        return 0
    if char == 0xA0:
        return SPACE | BLANK
    if char < 0xC0 or char in (0xD7, 0xF7):
        return PUNCTUATION
    return UPPER if char < 0xDF else LOWER


CLASSES = bytes(map(_class, range(256)))
WHITE = bytes(char for char in range(256) if CLASSES[char] & SPACE)
TO_LOWER = bytes(char + 32 if CLASSES[char] & UPPER else char for char in range(256))


@export_data(256)
def _ctype(k: Kernel, at: int) -> None:
    """One byte of class bits for each character."""
    k.mem.write(at, CLASSES)
