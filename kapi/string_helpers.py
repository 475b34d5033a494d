"""string.h, string_helpers.h: strings as users write them, and as they are shown.

Linux: lib/string_helpers.c, lib/string.c, 6.1
"""

from typing import Annotated

from kapi.chunks import string
from kapi.ctype import WHITE
from kapi.registry import export
from runtime.c import (
    bool_,
    char,
    char_p,
    const_char_p,
    const_void_p,
    gfp_t,
    int_,
    pointer,
    size_t,
    u64,
    unsigned_int,
    void_p,
)
from runtime.kernel import Kernel

char_pp = Annotated[int, pointer("char *")]
_EINVAL = 22
_OCTAL = b"01234567"
_HEX = b"0123456789abcdefABCDEF"
_UNITS = (
    ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"),
    ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"),
)
_ESCAPE_HEX = 1 << 5
_UNESCAPE_SPACE, _UNESCAPE_OCTAL, _UNESCAPE_HEX, _UNESCAPE_SPECIAL = 1, 2, 4, 8
_SPACES = dict(zip(b"nrtvf", b"\n\r\t\v\f", strict=True))
_SPECIALS = dict(zip(b'"\\ae', b'"\\\a\x1b', strict=True))


@export
def skip_spaces(k: Kernel, str: const_char_p) -> char_p:
    """The address of the first character that is no white space (a no-break space is)."""
    return str + next(at for at, char in enumerate(string(k, str)) if char not in WHITE)


@export
def strim(k: Kernel, s: char_p) -> char_p:
    """Cut white space off the end, in place. Return: as skip_spaces()."""
    text = k.mem.cstr(s)
    if not text:
        return s
    k.mem.put8(s + len(text.rstrip(WHITE)), 0)
    return skip_spaces(k, s)


@export
def strreplace(k: Kernel, s: char_p, old: char, new: char) -> char_p:
    """Replace a character, in place. Return: the address of the NUL."""
    text = k.mem.cstr(s)
    for at, byte in enumerate(text):
        if byte == old & 0xFF:
            k.mem.put8(s + at, new & 0xFF)
    return s + len(text)


def _same(one: bytes, other: bytes) -> bool:
    """Equal but for one newline at the end of one of them."""
    return one == other or one + b"\n" == other or one == other + b"\n"


@export
def sysfs_streq(k: Kernel, s1: const_char_p, s2: const_char_p) -> bool_:
    """Are two strings equal, one newline at the end of one of them left out?"""
    return _same(k.mem.cstr(s1), k.mem.cstr(s2))


def _entries(k: Kernel, array: int, count: int) -> list[bytes]:
    """Strings up to a NULL, or count of them."""
    found: list[bytes] = []
    while len(found) < count and (entry := k.mem.u64(array + 8 * len(found))):
        found.append(k.mem.cstr(entry))
    return found


@export
def match_string(k: Kernel, array: char_pp, n: size_t, string: const_char_p) -> int_:
    """The index of a string in an array of n, or up to a NULL. Return: -EINVAL where it is not in there."""
    entries, wanted = _entries(k, array, n), k.mem.cstr(string)
    return entries.index(wanted) if wanted in entries else -_EINVAL


@export
def __sysfs_match_string(k: Kernel, array: char_pp, n: size_t, str: const_char_p) -> int_:
    """As match_string(), with a comparison as of sysfs_streq()."""
    wanted = k.mem.cstr(str)
    return next((at for at, entry in enumerate(_entries(k, array, n)) if _same(entry, wanted)), -_EINVAL)


@export
def memcpy_and_pad(k: Kernel, dest: void_p, dest_len: size_t, src: const_void_p, count: size_t, pad: int_) -> None:
    """Fill dest_len bytes with those of src, and with pad where they end."""
    size = min(dest_len, count)
    if size:
        k.mem.write(dest, k.mem.read(src, size))
    k.mem.fill(dest + size, dest_len - size, pad & 0xFF)


# Sizes


def _scaled(size: int, blocks: int, divisor: int) -> tuple[int, int, int]:
    """(value, remainder, exponent) of a product that may be larger than 64 bits: both are divided down to 32 bits
    first.
    """
    exponent = 0
    while blocks >> 32:
        blocks, exponent = blocks // divisor, exponent + 1
    while size >> 32:
        size, exponent = size // divisor, exponent + 1
    value, remainder = size * blocks, 0
    while value >= divisor:
        value, remainder = divmod(value, divisor)
        exponent += 1
    return value, remainder, exponent


def human_size(size: int, block: int, binary: bool) -> str:
    """Three digits and a unit: `1.46 kB`, `512 B`."""
    if not size or not block:
        return "0 B"
    value, remainder, exponent = _scaled(size, block, 1024 if binary else 1000)
    places = 2 if value < 10 else 1 if value < 100 else 0
    if binary:
        remainder = remainder * 1000 >> 10
    remainder += (500, 50, 5)[places]
    if remainder >= 1000:
        value, remainder = value + 1, remainder - 1000
    digits = f".{remainder:03}"[: places + 1] if places else ""
    units = _UNITS[binary]
    return f"{value}{digits} {units[exponent] if exponent < len(units) else 'UNK'}"


@export
def string_get_size(k: Kernel, size: u64, blk_size: u64, units: int_, buf: char_p, len: int_) -> None:
    """Write size * blk_size as people read it. units: 0 for powers of 1000, 1 for powers of 1024."""
    if len > 0:
        k.mem.write(buf, human_size(size, blk_size, units == 1).encode()[: len - 1] + b"\0")


# Escapes


@export
def string_escape_mem(
    k: Kernel, src: const_char_p, isz: size_t, dst: char_p, osz: size_t, flags: unsigned_int, only: const_char_p
) -> int_:
    """Escape isz bytes into osz, without a NUL. Return: the length that the whole has, whether it had room or not."""
    out = k.printf.escape(k.mem.read(src, isz) if isz else b"", flags, k.mem.cstr(only) if only else b"")
    if osz and out:
        k.mem.write(dst, out[:osz])
    return len(out)


@export
def kstrdup_quotable(k: Kernel, src: const_char_p, gfp: gfp_t) -> char_p:
    """A copy of a string with control characters, quotes, backslashes as \\x1f. Return: NULL for NULL, on scarcity."""
    if not src:
        return 0
    text = k.printf.escape(k.mem.cstr(src), _ESCAPE_HEX, b'\f\n\r\t\v\a\x1b\\"')
    copy = k.slab.kmalloc(len(text) + 1, gfp)
    if copy:
        k.mem.write(copy, text + b"\0")
    return copy


def _unescape_one(text: bytes, flags: int) -> tuple[int, int] | None:
    """(byte, length) of the escape that text, behind a backslash, begins with; None where it is none."""
    first = text[0]
    if flags & _UNESCAPE_SPACE and first in _SPACES:
        return _SPACES[first], 1
    if flags & _UNESCAPE_OCTAL and first in _OCTAL:
        value, count = 0, 0
        while count < 3 and count < len(text) and text[count] in _OCTAL and value < 32:
            value, count = value * 8 + text[count] - 0x30, count + 1
        return value, count
    if flags & _UNESCAPE_HEX and first == 0x78 and text[1:2] and text[1] in _HEX:
        count = 3 if text[2:3] and text[2] in _HEX else 2
        return int(text[1:count], 16), count
    if flags & _UNESCAPE_SPECIAL and first in _SPECIALS:
        return _SPECIALS[first], 1
    return None


def unescape(text: bytes, size: int, flags: int) -> bytes:
    """Undo escapes, up to size - 1 (0: no limit); an escape counts for its byte and for the backslash."""
    out, at, size = bytearray(), 0, size or 1 << 64
    while at < len(text) and (size := size - 1):
        if text[at] == 0x5C and at + 1 < len(text) and size > 1:
            at, size = at + 1, size - 1
            found = _unescape_one(text[at:], flags)
            if found is not None:
                out.append(found[0])
                at += found[1]
                continue
            out.append(0x5C)
        out.append(text[at])
        at += 1
    return bytes(out)


@export
def string_unescape(k: Kernel, src: char_p, dst: char_p, size: size_t, flags: unsigned_int) -> int_:
    """Undo the escapes that flags name, into at most size bytes (0: no limit); dst may be src. Return: length without
    NUL.
    """
    out = unescape(k.mem.cstr(src), size, flags)
    k.mem.write(dst, out + b"\0")
    return len(out)


# What the compiler puts in place of string functions


@export
def fortify_panic(k: Kernel, name: const_char_p) -> None:
    """A string function was about to leave its object: a BUG."""
    k.trouble.bug("fortify_panic", k.printf.render(b"%s", name).decode("latin-1"))


@export
def __read_overflow2_field(k: Kernel, avail: size_t, wanted: size_t) -> None:
    """Nothing: the name is for a compiler's warning. Linux: lib/string_helpers.c, 6.1"""


@export
def __write_overflow_field(k: Kernel, avail: size_t, wanted: size_t) -> None:
    """Nothing: the name is for a compiler's warning. Linux: lib/string_helpers.c, 6.1"""
