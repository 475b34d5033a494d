"""kernel.h: scanf from a string.

Linux: lib/vsprintf.c, vsscanf(), 6.1
"""

from typing import Annotated, Protocol

from kapi.ctype import CLASSES, DIGIT, WHITE
from kapi.kstrtox import digits, prefix
from kapi.registry import export
from runtime.c import VaList, const_char_p, int_, pointer
from runtime.kernel import Kernel

va_list_p = Annotated[int, pointer("__va_list_tag")]
_BASES = {0x6F: 8, 0x78: 16, 0x58: 16, 0x69: 0, 0x64: 10, 0x75: 10}  # o x X i d u
_SIZES = {b"H": 1, b"h": 2, b"l": 8, b"L": 8, b"z": 8}
_STAR, _PERCENT, _LEFT_BRACKET, _RIGHT_BRACKET, _CARET, _MINUS = b"*%[]^-"
_SHRT_MAX = (1 << 15) - 1


class Arguments(Protocol):
    """Where the addresses of the results come from."""

    def u64(self) -> int: ...


_Conversion = tuple[int, int, bytes]
"""(letter, 0 at the end of the format; width, -1 where there is none; length)"""


class _Stop(Exception):
    """The input does not match, or the format is over."""


class Scan:
    """One sscanf(): texts and how far they are read. count: results so far."""

    def __init__(self, k: Kernel, text: bytes, fmt: bytes, args: Arguments) -> None:
        self.mem, self.args = k.mem, args
        self.text, self.fmt = text, fmt
        self.at = self.f = self.count = 0

    def run(self) -> int:
        """Return: the number of results."""
        try:
            while self.f < len(self.fmt):
                self._step()
        except _Stop:
            pass
        return self.count

    def _char(self) -> int:
        return self.text[self.at] if self.at < len(self.text) else 0

    def _format(self) -> int:
        return self.fmt[self.f] if self.f < len(self.fmt) else 0

    def _skip_spaces(self) -> None:
        while self._char() and self._char() in WHITE:
            self.at += 1

    def _step(self) -> None:
        if self._format() in WHITE:
            while self._format() and self._format() in WHITE:
                self.f += 1
            self._skip_spaces()
        if not self._format():
            raise _Stop
        if self._format() != _PERCENT:
            if self._format() != self._char():
                raise _Stop
            self.f, self.at = self.f + 1, self.at + 1
            return
        self.f += 1
        if self._format() == _STAR:
            self._drop()
        else:
            self._convert(self._parse())

    def _drop(self) -> None:
        """%*: both sides go on to white space, the format at most to the next %."""
        if not self._char():
            raise _Stop
        while self._format() and self._format() not in WHITE and self._format() != _PERCENT:
            if self._format() == _LEFT_BRACKET:
                raise _Stop
            self.f += 1
        while self._char() and self._char() not in WHITE:
            self.at += 1

    def _parse(self) -> _Conversion:
        width = -1
        start = self.f
        while CLASSES[self._format()] & DIGIT:
            self.f += 1
        if self.f > start:
            width = int(self.fmt[start : self.f])
            if width <= 0:
                raise _Stop
        length = bytes((self._format(),)) if self._format() and self._format() in b"hlLz" else b""
        if length:
            self.f += 1
            if length in (b"h", b"l") and self._format() == length[0]:
                self.f, length = self.f + 1, length.upper()
        return self._format(), width, length

    def _convert(self, wanted: _Conversion) -> None:
        letter, width, length = wanted
        if not letter:
            raise _Stop
        self.f += 1
        if letter == ord("n"):
            self.mem.put32(self.args.u64(), self.at)
            return
        if not self._char():
            raise _Stop
        if letter == ord("c"):
            self._take(width if width > 0 else 1)
        elif letter == ord("s"):
            self._string(width if width > 0 else _SHRT_MAX)
        elif letter == _LEFT_BRACKET:
            self._set(width)
        elif letter in _BASES:
            self._number(letter, width, _SIZES.get(length, 4))
        elif letter == _PERCENT and self._char() == _PERCENT:
            self.at += 1
        else:
            raise _Stop

    def _take(self, size: int, end: bytes = b"") -> None:
        """Store so many characters, with a NUL where end is one."""
        taken = self.text[self.at : self.at + size]
        self.mem.write(self.args.u64(), taken + end)
        self.at += len(taken)
        self.count += 1

    def _string(self, width: int) -> None:
        self._skip_spaces()
        end = self.at
        while end < len(self.text) and self.text[end] not in WHITE and end - self.at < width:
            end += 1
        self._take(end - self.at, b"\0")

    def _set(self, width: int) -> None:
        """%5[abc], %5[^abc]: a width has to be given, `-` is no range, and `]` cannot be in the set."""
        to = self.args.u64()
        close = self.fmt.find(_RIGHT_BRACKET, self.f)
        negated = self._format() == _CARET
        members = self.fmt[self.f + negated : close]
        if width < 0 or close < 0 or not members:
            raise _Stop
        self.f = close + 1
        end = self.at
        while end < len(self.text) and (self.text[end] in members) != negated and end - self.at < width:
            end += 1
        if end == self.at:
            raise _Stop
        self.mem.write(to, self.text[self.at : end] + b"\0")
        self.at, self.count = end, self.count + 1

    def _number(self, letter: int, width: int, store: int) -> None:
        """store: bytes of the variable that the number goes to."""
        self._skip_spaces()
        base, is_signed = _BASES[letter], letter in b"id"
        width = width if width > 0 else len(self.text)
        negative = is_signed and self._char() == _MINUS
        if negative and width == 1:
            raise _Stop
        field = self.text[self.at + negative : self.at + width]
        if not digits(self.text[self.at + negative :][:1], base or 10)[1]:
            raise _Stop
        base, head = prefix(self.text[self.at + negative :], base)
        if head < len(field):
            value, size = digits(field[head:], base)
            size += head
        else:
            value, size = 0, len(field)
        self.at += negative + size
        self.mem.write(
            self.args.u64(), ((-value if negative else value) & (1 << 8 * store) - 1).to_bytes(store, "little")
        )
        self.count += 1


@export
def sscanf(k: Kernel, buf: const_char_p, fmt: const_char_p, va: VaList) -> int_:
    """Read values from a string. Return: how many were stored, without those of %n."""
    return Scan(k, k.mem.cstr(buf), k.mem.cstr(fmt), va).run()


@export
def vsscanf(k: Kernel, buf: const_char_p, fmt: const_char_p, args: va_list_p) -> int_:
    arguments = k.printf.arguments(args)
    count = Scan(k, k.mem.cstr(buf), k.mem.cstr(fmt), arguments).run()
    arguments.store()
    return count
