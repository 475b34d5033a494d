"""parser.h: mount options and the like, by patterns.

Linux: lib/parser.c, 6.1
"""

from errno import EINVAL, ENOMEM, ERANGE
from typing import Annotated

from kapi.kstrtox import digits, parse, prefix
from kapi.registry import export
from runtime.c import bool_, char_p, const_char_p, int_, pointer, size_t
from runtime.kernel import Kernel

substring_p = Annotated[int, pointer("substring_t")]
match_table_p = Annotated[int, pointer("match_token")]
int_p = Annotated[int, pointer("int")]
u64_p = Annotated[int, pointer("unsigned long long")]

_MAX_ARGS = 3
_BASES = {b"d": 0, b"u": 0, b"o": 8, b"x": 16}
Found = list[tuple[int, int | None]]


@export
def match_token(k: Kernel, s: char_p, table: match_table_p, args: substring_p) -> int_:
    """The token of the first pattern that the whole string has; args: what stood for its %d %u %o %x %s and %5s."""
    view = k.abi.view("match_token")
    text = k.mem.cstr(s)
    while True:
        row = view(k.mem, table)
        if not row.pattern:
            return int(row.token)
        found: Found = []
        matches = _match(text, k.mem.cstr(row.pattern), found)
        for index, (begin, end) in enumerate(found):
            place = k.abi.view("substring_t")(k.mem, args + index * k.abi.sizeof("substring_t"))
            place.from_ = s + begin
            if end is not None:
                place.to = s + end
        if matches:
            return int(row.token)
        table += view.size


def _match(text: bytes, pattern: bytes, found: Found) -> bool:
    """Does a string have a pattern? found: where its arguments begin and end, also those of a pattern that fails."""
    at = 0
    while b"%" in pattern:
        literal, pattern = pattern.split(b"%", 1)
        if not text.startswith(literal, at):
            return False
        at += len(literal)
        width, count = digits(pattern, 10)
        pattern = pattern[count:]
        if not count and pattern[:1] == b"%":
            if text[at : at + 1] != b"%":
                return False
            at, pattern = at + 1, pattern[1:]
            continue
        if len(found) == _MAX_ARGS:
            return False
        end = _argument(text, at, pattern[:1], width if count else len(text))
        found.append((at, end))
        if end is None or (end == at and pattern[:1] != b"s"):
            return False
        at, pattern = end, pattern[1:]
    return text[at:] == pattern


def _argument(text: bytes, at: int, kind: bytes, width: int) -> int | None:
    """Where an argument ends; at or None, where there is none."""
    if kind == b"s":
        return min(at + width, len(text)) if at < len(text) else None
    if kind not in _BASES:
        return None
    sign = 1 if kind == b"d" and text[at : at + 1] == b"-" else 0
    base, head = prefix(text[at + sign :], _BASES[kind])
    return at + sign + head + digits(text[at + sign + head :], base)[1]


def _text(k: Kernel, s: int) -> bytes | None:
    """The string that a substring is, by way of a copy. None on scarcity."""
    copy = match_strdup(k, s)
    if not copy:
        return None
    text = k.mem.cstr(copy)
    k.slab.kfree(copy)
    return text


def _number(k: Kernel, s: int, result: int, base: int) -> int:
    text = _text(k, s)
    if text is None:
        return -ENOMEM
    sign = 1 if text[:1] == b"-" else 0
    base, head = prefix(text[sign:], base)
    value, count = digits(text[sign + head :], base)
    if not sign + head + count:
        return -EINVAL
    value = (-value if sign else value) + (1 << 63) & (1 << 64) - 1
    value -= 1 << 63
    if not -(1 << 31) <= value < 1 << 31:
        return -ERANGE
    k.mem.put32(result, value & 0xFFFFFFFF)
    return 0


@export
def match_int(k: Kernel, s: substring_p, result: int_p) -> int_:
    """Return: 0, -ENOMEM, -EINVAL, or -ERANGE."""
    return _number(k, s, result, 0)


@export
def match_octal(k: Kernel, s: substring_p, result: int_p) -> int_:
    return _number(k, s, result, 8)


@export
def match_hex(k: Kernel, s: substring_p, result: int_p) -> int_:
    return _number(k, s, result, 16)


def _unsigned(k: Kernel, s: int, result: int, base: int, size: int) -> int:
    text = _text(k, s)
    if text is None:
        return -ENOMEM
    value = parse(text.removeprefix(b"+"), base)
    if value < 0:
        return value
    if value >> 8 * size:
        return -ERANGE
    k.mem.write(result, value.to_bytes(size, "little"))
    return 0


@export
def match_uint(k: Kernel, s: substring_p, result: int_p) -> int_:
    """Decimal. Return: 0, -ENOMEM, -EINVAL, or -ERANGE."""
    return _unsigned(k, s, result, 10, 4)


@export
def match_u64(k: Kernel, s: substring_p, result: u64_p) -> int_:
    return _unsigned(k, s, result, 0, 8)


@export
def match_wildcard(k: Kernel, pattern: const_char_p, str: const_char_p) -> bool_:
    """Does the whole string have a pattern with * and ?"""
    text, wanted = k.mem.cstr(str), k.mem.cstr(pattern)
    at = done = 0
    star, again = -1, 0
    while at < len(text):
        if done < len(wanted) and wanted[done : done + 1] == b"*":
            star, again, done = done, at, done + 1
        elif done < len(wanted) and wanted[done] in (text[at], ord("?")):
            at, done = at + 1, done + 1
        elif star >= 0:
            again += 1
            at, done = again, star + 1
        else:
            return 0
    return not wanted[done:].strip(b"*")


@export
def match_strlcpy(k: Kernel, dest: char_p, src: substring_p, size: size_t) -> size_t:
    """Copy what fits into size bytes. Return: the length of the substring."""
    place = k.abi.view("substring_t")(k.mem, src)
    length = int(place.to - place.from_)
    if size:
        k.mem.write(dest, k.mem.read(place.from_, min(length, size - 1)) + b"\0")
    return length


@export
def match_strdup(k: Kernel, s: substring_p) -> char_p:
    """A copy, which the caller frees. Return: NULL on scarcity."""
    place = k.abi.view("substring_t")(k.mem, s)
    length = place.to - place.from_
    copy = k.slab.kmalloc(length + 1, k.abi.const["GFP_KERNEL"])
    if copy:
        k.mem.write(copy, k.mem.read(place.from_, length) + b"\0")
    return copy
