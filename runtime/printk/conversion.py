"""One conversion of a format: a piece of a Python %-template, and the function that gives what fills it.

The function takes the conversion's arguments as 64-bit words from `take`. What Python renders as Linux does stands in
the template as it is (`%d`, `%-10s`, `%08lx`: nearly all that modules print); for the rest the piece is `%b`, and the
function gives the finished bytes.
"""

from collections.abc import Callable
from typing import Any

from runtime.printk.number import FLAG, LEFT, PLUS, SIGN, SMALL, SPACE, SPECIAL, ZEROPAD, Spec, number, s32, text
from runtime.printk.pointer import converter, string
from runtime.printk.problem import FIRST_ERROR, problem, said
from runtime.units import PAGE_SIZE

Take = Callable[[], int]
Convert = Callable[[Take], int | bytes]
Render = Callable[[int, Spec], bytes]
Piece = tuple[bytes, Convert]

WIDTH_MAX = (1 << 23) - 1
PRECISION_MAX = (1 << 15) - 1

_BITS = {b"": 32, b"H": 8, b"h": 16, b"l": 64, b"L": 64, b"z": 64, b"t": 64}
_BASE = {b"d": 10, b"i": 10, b"u": 10, b"o": 8, b"x": 16, b"X": 16}


def _signed(bits: int) -> Convert:
    mask, top = (1 << bits) - 1, 1 << bits - 1
    return lambda take: (take() & mask ^ top) - top


def _unsigned(bits: int) -> Convert:
    mask = (1 << bits) - 1
    return lambda take: take() & mask


def int_of(take: Take) -> int:
    """An int."""
    return (take() & 0xFFFFFFFF ^ 1 << 31) - (1 << 31)


# What is printed most has constants in its function, and nothing to look up.
_SIGNED = {
    8: _signed(8),
    16: _signed(16),
    32: int_of,
    64: _signed(64),
}
_UNSIGNED = {8: _unsigned(8), 16: _unsigned(16), 32: lambda take: take() & 0xFFFFFFFF, 64: lambda take: take()}


def integer(letter: bytes, length: bytes, spec: Spec) -> Piece:
    """%d, %i, %u, %o, %x, %X with width and precision given in the format."""
    bits, flags = _BITS[length], spec.flags
    value = _SIGNED[bits] if letter in b"di" else _UNSIGNED[bits]
    if letter == b"o" and flags & SPECIAL or spec.precision >= 0 and flags & ZEROPAD:
        render = integer_render(letter, length)
        return b"%b", lambda take: render(take(), spec)
    keep = LEFT | ZEROPAD | (PLUS | SPACE if letter in b"di" else 0) | (SPECIAL if letter in b"xX" else 0)
    marks = bytes(mark for mark, flag in FLAG.items() if flags & flag & keep)
    return b"%" + marks + _size(spec) + (b"d" if _BASE[letter] == 10 else letter), value


def _size(spec: Spec) -> bytes:
    return (b"%d" % spec.width if spec.width >= 0 else b"") + (b".%d" % spec.precision if spec.precision >= 0 else b"")


def integer_render(letter: bytes, length: bytes) -> Render:
    """The same, for a Spec that is known only with the arguments."""
    base, bits = _BASE[letter], _BITS[length]
    mask, top = (1 << bits) - 1, 1 << bits - 1 if letter in b"di" else 0
    more = (SIGN if letter in b"di" else 0) | (SMALL if letter == b"x" else 0)
    return lambda word, spec: number((word & mask ^ top) - top, base, spec._replace(flags=spec.flags | more))


def plain_string(printer: Any, spec: Spec) -> Piece:
    """%s with width and precision given in the format. At most precision bytes are read."""
    cstr = printer.mem.cstr
    limit = spec.precision if spec.precision >= 0 else None
    message = spec._replace(width=-1)

    def convert(take: Take) -> bytes:
        pointer = take()
        if PAGE_SIZE <= pointer < FIRST_ERROR:
            return cstr(pointer) if limit is None else cstr(pointer, limit)  # type: ignore[no-any-return]
        return said(problem(pointer) or b"", message)

    return b"%" + (b"-" if spec.flags & LEFT else b"") + _size(spec._replace(precision=-1)) + b"b", convert


def _char(word: int, spec: Spec) -> bytes:
    return text(bytes((word & 0xFF,)), spec._replace(precision=-1))


def render_of(printer: Any, letter: bytes, length: bytes, letters: bytes) -> Render | None:
    """What a conversion makes of its word and Spec; None for one that takes no word. letters: what follows %p."""
    if letter in _BASE:
        return integer_render(letter, length)
    if letter == b"p":
        convert = converter(letters)
        return lambda word, spec: convert(printer, word, spec, letters)
    if letter == b"s":
        return lambda word, spec: string(printer, word, spec)
    return _char if letter == b"c" else None


def dynamic(printer: Any, flags: int, width: int | None, precision: int | None, render: Render | None) -> Convert:
    """A conversion whose width or precision, where None, are arguments."""

    def convert(take: Take) -> bytes:
        """Take width and precision where they are arguments, then the value."""
        spec = Spec(flags, -1 if width is None else width, -1 if precision is None else precision)
        if width is None:
            spec = _with_width(printer, spec, s32(take()))
        if precision is None:
            spec = spec._replace(precision=_precision(printer, s32(take())))
        return render(take(), spec) if render is not None else b""

    return convert


def _with_width(printer: Any, spec: Spec, width: int) -> Spec:
    """A negative width is the flag `-`."""
    if not -WIDTH_MAX - 1 <= width <= WIDTH_MAX:
        printer.warn("vsprintf_width", width)
        width = max(-WIDTH_MAX, min(width, WIDTH_MAX))
    return spec._replace(flags=spec.flags | LEFT, width=-width) if width < 0 else spec._replace(width=width)


def _precision(printer: Any, precision: int) -> int:
    """Unlike in C, a negative precision is 0."""
    if not -PRECISION_MAX - 1 <= precision <= PRECISION_MAX:
        printer.warn("vsprintf_precision", precision)
    return max(0, min(precision, PRECISION_MAX))


def unknown(printer: Any, letter: int) -> Convert:
    """A letter that is no conversion: the kernel says so, and what follows it in the format is dropped."""

    def convert(take: Take) -> bytes:
        printer.warn("vsprintf_unsupported", chr(letter) if letter else "")
        return b""

    return convert
