"""kernel.h: pieces of command lines: integers, ranges, sizes, name=value.

Linux: lib/cmdline.c, 6.1
"""

from typing import Annotated

from kapi.ctype import WHITE
from kapi.kstrtox import digits, prefix
from kapi.registry import export
from kapi.string_helpers import skip_spaces
from runtime.c import char_p, const_char_p, int_, pointer, unsigned_long_long
from runtime.kernel import Kernel

char_pp = Annotated[int, pointer("char *")]
int_p = Annotated[int, pointer("int")]
_INT = (1 << 32) - 1
_WORD = (1 << 64) - 1
_SUFFIXES = b"kmgtpe"
_COMMA, _MINUS, _QUOTE, _EQUALS = b",", b"-", 0x22, 0x3D


def _integer(text: bytes) -> tuple[int, int]:
    """(value, length) of the number in any notation that text begins with."""
    base, head = prefix(text, 0)
    value, count = digits(text[head:], base)
    return value & _WORD, head + count


def _s32(value: int) -> int:
    return (value & _INT ^ 1 << 31) - (1 << 31)


def option(text: bytes) -> tuple[int, int, int]:
    """(kind, value, length) of an integer: 0 none, 1 the last, 2 with a comma behind it (counted), 3 with a `-`: a
    range.
    """
    sign = text[:1] == _MINUS
    value, length = _integer(text[sign:])
    length += sign
    if not text or length == sign:
        return 0, 0, length
    value = _s32(-value if sign else value)
    if text[length : length + 1] == _COMMA:
        return 2, value, length + 1
    return (3 if text[length : length + 1] == _MINUS else 1), value, length


@export
def get_option(k: Kernel, str: char_pp, pint: int_p) -> int_:
    """Take an int from *str, which moves on. pint: NULL drops the value.

    Return: 0 none, 1 the last, 2 more follow behind a comma, 3 a range follows.
    """
    at = k.mem.u64(str)
    if not at or not k.mem.u8(at):
        return 0
    text = k.mem.cstr(at)
    kind, value, length = option(text)
    if pint:
        k.mem.put32(pint, value)
    k.mem.put64(str, at + length)
    return kind


def _range_end(text: bytes) -> tuple[int, int]:
    """(value, length) of the int behind a range's `-`."""
    sign = text[:1] == _MINUS
    value, length = _integer(text[sign:])
    return _s32(-value if sign else value), length + sign


@export
def get_options(k: Kernel, str: const_char_p, nints: int_, ints: int_p) -> char_p:
    """Read a list as `1,3-5,8` into ints[1] to ints[nints - 1]; ints[0] is their number. nints 0: only count.

    Return: the address behind what was read.
    """
    text, at, i = k.mem.cstr(str), 0, 1
    while not nints or i < nints:
        kind, value, length = option(text[at:])
        if at < len(text):
            k.mem.put32(ints + 4 * i if nints else ints, value)
        at += length
        if kind == 3:
            last, length = _range_end(text[at + 1 :])
            at += 1
            if last < value:
                break
            for offset in range(min(last - value, nints - i) if nints else 0):
                k.mem.put32(ints + 4 * (i + offset), value + offset)
            i += last - value - 1
        if not kind:
            break
        i += 1
        if kind == 1:
            break
    k.mem.put32(ints, i - 1)
    return str + at


@export
def memparse(k: Kernel, ptr: const_char_p, retptr: char_pp) -> unsigned_long_long:
    """A number with a suffix K, M, G, T, P or E, in powers of 1024. *retptr: the address behind it."""
    text = k.mem.cstr(ptr)
    value, length = _integer(text)
    suffix = text[length : length + 1].lower()
    if suffix and suffix in _SUFFIXES:
        value <<= 10 * (_SUFFIXES.index(suffix) + 1)
        length += 1
    if retptr:
        k.mem.put64(retptr, ptr + length)
    return value & _WORD


def _word(text: bytes, quoted: bool) -> tuple[int, int]:
    """(length, place of the first `=` or 0) of a word; blanks within double quotes belong to it."""
    equals = 0
    for at, char in enumerate(text):
        if char in WHITE and not quoted:
            return at, equals
        if char == _EQUALS and not equals:
            equals = at
        quoted ^= char == _QUOTE
    return len(text), equals


@export
def next_arg(k: Kernel, args: char_p, param: char_pp, val: char_pp) -> char_p:
    """Cut the first word off a command line, in place, and take quotes off it. *val is NULL without a `=`.

    Return: the address of the next word.
    """
    mem, text = k.mem, k.mem.cstr(args)
    quoted = text[:1] == b'"'
    args, text = args + quoted, text[quoted:]
    length, equals = _word(text, quoted)
    unquoted = quoted
    mem.put64(param, args)
    mem.put64(val, args + equals + 1 if equals else 0)
    if equals:
        mem.put8(args + equals, 0)
        if text[equals + 1 : equals + 2] == b'"':
            mem.put64(val, args + equals + 2)
            unquoted = True
    if unquoted and text[max(length - 1, 0) : length] == b'"':
        mem.put8(args + length - 1, 0)
    if length == len(text):
        return skip_spaces(k, args + length)
    mem.put8(args + length, 0)
    return skip_spaces(k, args + length + 1)
