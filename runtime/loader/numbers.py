"""Numbers in parameters, read as the kernel's kstrto* functions read them with base 0.

Linux: lib/kstrtox.c, 6.1
"""

# kind: (bytes, signed, how it is shown)
INTEGERS = {
    "byte": (1, False, "%d"),
    "short": (2, True, "%d"),
    "ushort": (2, False, "%d"),
    "int": (4, True, "%d"),
    "uint": (4, False, "%d"),
    "long": (8, True, "%d"),
    "ulong": (8, False, "%d"),
    "ullong": (8, False, "%d"),
    "hexint": (4, False, "%#08x"),
}
_DIGITS = b"0123456789abcdef"


def parse_integer(text: bytes, size: int, signed: bool) -> int | str:
    """Read a number of size bytes: decimal, 0octal, 0xhex, a sign, one newline behind it. Return: it, or "invalid", or
    "range".
    """
    negative = signed and text[:1] == b"-"
    digits = text[1:] if negative or text[:1] == b"+" else text
    base, digits = _radix(digits)
    value = count = 0
    for char in digits.lower():
        digit = _DIGITS.find(char)
        if not 0 <= digit < base:
            break
        value, count = value * base + digit, count + 1
    if value >> 64:
        return "range"
    if not count or digits[count:] not in (b"", b"\n"):
        return "invalid"
    value = -value if negative else value
    low = -(1 << 8 * size - 1) if signed else 0
    return value if low <= value < low + (1 << 8 * size) else "range"


def _radix(digits: bytes) -> tuple[int, bytes]:
    if digits[:1] != b"0":
        return 10, digits
    if digits[1:2] in (b"x", b"X") and digits[2:3] and digits[2:3].lower() in _DIGITS:
        return 16, digits[2:]
    return 8, digits


def parse_bool(text: bytes) -> bool | None:
    """Read y, Y, t, T, 1, on and n, N, f, F, 0, off; only the first letters count. Return: None for anything else."""
    first, second = text[:1].lower(), text[1:2].lower()
    if first in (b"y", b"t", b"1") or (first == b"o" and second == b"n"):
        return True
    if first in (b"n", b"f", b"0") or (first == b"o" and second == b"f"):
        return False
    return None
