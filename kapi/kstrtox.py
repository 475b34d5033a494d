"""kstrtox.h: numbers from strings. kstrto...() takes the whole string, simple_strto...() what it finds at its
beginning.

Linux: lib/kstrtox.c, lib/vsprintf.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import const_char_p, int_, long_, long_long, pointer, unsigned_int, unsigned_long, unsigned_long_long
from runtime.kernel import Kernel

u8_p = Annotated[int, pointer("u8")]
u16_p = Annotated[int, pointer("u16")]
u32_p = Annotated[int, pointer("unsigned int")]
u64_p = Annotated[int, pointer("unsigned long long")]
bool_p = Annotated[int, pointer("bool")]
char_pp = Annotated[int, pointer("char *")]

_EINVAL = 22
_ERANGE = 34
_WORD = (1 << 64) - 1
_VALUES = {char: int(chr(char), 16) for char in b"0123456789abcdefABCDEF"}


def prefix(text: bytes, base: int) -> tuple[int, int]:
    """(base, length of its prefix): base 0 finds out by 0x and 0; 0x may precede base 16 as well."""
    is_hex = text[:1] == b"0" and text[1:2] in (b"x", b"X")
    if base == 0:
        base = (16 if is_hex and text[2:3] and text[2] in _VALUES else 8) if text[:1] == b"0" else 10
    return base, 2 if base == 16 and is_hex else 0


def digits(text: bytes, base: int) -> tuple[int, int]:
    """(value, number of digits) of the longest number that text begins with. The value has no limit here."""
    value = count = 0
    for char in text:
        digit = _VALUES.get(char, base)
        if digit >= base:
            break
        value, count = value * base + digit, count + 1
    return value, count


def parse(text: bytes, base: int) -> int:
    """The value of a string that is a number, perhaps with a newline behind it.

    Return: 0 to 2**64 - 1, or -ERANGE for a larger one, whatever follows it, or -EINVAL.
    """
    base, head = prefix(text, base)
    value, count = digits(text[head:], base)
    if value > _WORD:
        return -_ERANGE
    return value if count and text[head + count :] in (b"", b"\n") else -_EINVAL


def _unsigned(k: Kernel, s: int, base: int, res: int, size: int) -> int:
    value = parse(k.mem.cstr(s).removeprefix(b"+"), base)
    if value < 0:
        return value
    if value >> 8 * size:
        return -_ERANGE
    k.mem.write(res, value.to_bytes(size, "little"))
    return 0


def _signed(k: Kernel, s: int, base: int, res: int, size: int) -> int:
    text, top = k.mem.cstr(s), 1 << 8 * size - 1
    negative = text[:1] == b"-"
    value = parse(text[1:] if negative else text.removeprefix(b"+"), base)
    if value < 0:
        return value
    value = -value if negative else value
    if not -top <= value < top:
        return -_ERANGE
    k.mem.write(res, value.to_bytes(size, "little", signed=True))
    return 0


@export
def kstrtoull(k: Kernel, s: const_char_p, base: unsigned_int, res: u64_p) -> int_:
    """base: 2 to 16, or 0 for what 0x and 0 say. A plus sign and one newline at the end are allowed.

    Return: 0, -EINVAL, or -ERANGE; *res is written on success only.
    """
    return _unsigned(k, s, base, res, 8)


@export
def kstrtoll(k: Kernel, s: const_char_p, base: unsigned_int, res: u64_p) -> int_:
    return _signed(k, s, base, res, 8)


@export
def _kstrtoul(k: Kernel, s: const_char_p, base: unsigned_int, res: u64_p) -> int_:
    return _unsigned(k, s, base, res, 8)


@export
def _kstrtol(k: Kernel, s: const_char_p, base: unsigned_int, res: u64_p) -> int_:
    return _signed(k, s, base, res, 8)


@export
def kstrtouint(k: Kernel, s: const_char_p, base: unsigned_int, res: u32_p) -> int_:
    return _unsigned(k, s, base, res, 4)


@export
def kstrtoint(k: Kernel, s: const_char_p, base: unsigned_int, res: u32_p) -> int_:
    return _signed(k, s, base, res, 4)


@export
def kstrtou16(k: Kernel, s: const_char_p, base: unsigned_int, res: u16_p) -> int_:
    return _unsigned(k, s, base, res, 2)


@export
def kstrtos16(k: Kernel, s: const_char_p, base: unsigned_int, res: u16_p) -> int_:
    return _signed(k, s, base, res, 2)


@export
def kstrtou8(k: Kernel, s: const_char_p, base: unsigned_int, res: u8_p) -> int_:
    return _unsigned(k, s, base, res, 1)


@export
def kstrtos8(k: Kernel, s: const_char_p, base: unsigned_int, res: u8_p) -> int_:
    return _signed(k, s, base, res, 1)


def parse_bool(text: bytes) -> bool | None:
    """By the first letter: y, t, 1, on and n, f, 0, of, in any case; None for anything else."""
    first, two = text[:1].lower(), text[:2].lower()
    if first in (b"y", b"t", b"1") or two == b"on":
        return True
    return False if first in (b"n", b"f", b"0") or two == b"of" else None


@export
def kstrtobool(k: Kernel, s: const_char_p, res: bool_p) -> int_:
    """Return: 0, or -EINVAL (for NULL as well)."""
    value = parse_bool(k.mem.cstr(s)) if s else None
    if value is None:
        return -_EINVAL
    k.mem.put8(res, value)
    return 0


def _simple(k: Kernel, cp: int, endp: int, base: int, signed: bool) -> int:
    """A number without a limit: it wraps."""
    text = k.mem.cstr(cp)
    sign = 1 if signed and text[:1] == b"-" else 0
    base, head = prefix(text[sign:], base)
    value, count = digits(text[sign + head :], base)
    if endp:
        k.mem.put64(endp, cp + sign + head + count)
    return (-value if sign else value) & _WORD


@export
def simple_strtoull(k: Kernel, cp: const_char_p, endp: char_pp, base: unsigned_int) -> unsigned_long_long:
    """The number at the beginning of a string, 0 where there is none; *endp: the address behind it, even a lone 0x."""
    return _simple(k, cp, endp, base, False)


@export
def simple_strtoul(k: Kernel, cp: const_char_p, endp: char_pp, base: unsigned_int) -> unsigned_long:
    return _simple(k, cp, endp, base, False)


@export
def simple_strtoll(k: Kernel, cp: const_char_p, endp: char_pp, base: unsigned_int) -> long_long:
    return _simple(k, cp, endp, base, True)


@export
def simple_strtol(k: Kernel, cp: const_char_p, endp: char_pp, base: unsigned_int) -> long_:
    return _simple(k, cp, endp, base, True)
