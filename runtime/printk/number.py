"""Numbers and padding, as the kernel's printf writes them. Where C leaves a choice, or Linux differs from C, this is
what Linux does.

Linux: lib/vsprintf.c, number(), widen_string(), 6.1
"""

from typing import NamedTuple

SIGN = 1
LEFT = 2
PLUS = 4
SPACE = 8
ZEROPAD = 16
SMALL = 32
SPECIAL = 64

FLAG = {0x2D: LEFT, 0x2B: PLUS, 0x20: SPACE, 0x23: SPECIAL, 0x30: ZEROPAD}  # - + space # 0


class Spec(NamedTuple):
    """flags; width and precision in characters, -1 where the format gives none."""

    flags: int = 0
    width: int = -1
    precision: int = -1


def number(value: int, base: int, spec: Spec) -> bytes:
    """Write value in base 8, 10 or 16. With the flag SIGN value may be negative; SMALL gives lower-case digits.

    Unlike C, zero padding is done beside a precision as well.
    """
    flags, width, precision = spec
    head = b""
    if flags & SIGN:
        head = b"-" if value < 0 else b"+" if flags & PLUS else b" " if flags & SPACE else b""
        value = abs(value)
    if base == 10:
        digits = b"%d" % value
    elif base == 16:
        digits = b"%x" % value if flags & SMALL else b"%X" % value
        if flags & SPECIAL:
            head += b"0x" if flags & SMALL else b"0X"
    else:
        digits = b"%o" % value
        if flags & SPECIAL and value:
            head += b"0"
    digits = digits.rjust(precision, b"0")
    if flags & LEFT:
        return (head + digits).ljust(width)
    if flags & ZEROPAD:
        return head + digits.rjust(width - len(head), b"0")
    return (head + digits).rjust(width)


def text(string: bytes, spec: Spec) -> bytes:
    """Cut a string to the precision and pad it to the width, always with blanks."""
    if spec.precision >= 0:
        string = string[: spec.precision]
    return string.ljust(spec.width) if spec.flags & LEFT else string.rjust(spec.width)


def special_hex(value: int, size: int) -> bytes:
    """Write 0x and all the digits of a number of size bytes."""
    return b"0x%0*x" % (2 * size, value)


def s32(word: int) -> int:
    """The low 32 bits as an int."""
    return (word & 0xFFFFFFFF ^ 0x80000000) - 0x80000000
