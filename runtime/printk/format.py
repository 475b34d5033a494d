"""The kernel's printf. A format is parsed once, into a Python %-template and one function for each conversion.

Linux: lib/vsprintf.c, vsnprintf(), format_decode(), 6.1
"""

from collections.abc import Callable
from typing import Any

from runtime.memory import Memory
from runtime.printk.arguments import Arguments, CopiedArguments, Values
from runtime.printk.conversion import Convert, Take, dynamic, int_of, integer, plain_string, render_of, unknown
from runtime.printk.number import FLAG, Spec
from runtime.printk.pointer import Symbolic, hash_pointer
from runtime.units import Virt

INT_MAX = (1 << 31) - 1
_REMEMBERED = 4096  # formats, and hashes: a module may make up new ones for ever
_LATIN_LETTERS = bytes(c for c in range(0xC0, 0x100) if c not in (0xD7, 0xF7))
_ALNUM = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + _LATIN_LETTERS)

Format = Callable[[Take], bytes]
"""The text that a format gives with the arguments that it takes."""


class Printf:
    """What printf knows. formats: those that it has seen (parsed when first used).

    symbol: the symbol at an address, or None. key: of the hash that %p prints. warn(site, *args): the kernel says
    WARN().
    """

    def __init__(
        self,
        mem: Memory,
        abi: Any,
        symbol: Callable[[Virt], Symbolic | None],
        key: tuple[int, int],
        warn: Callable[..., None],
        hash_pointers: bool = True,
    ) -> None:
        self.mem, self.abi, self.symbol, self.warn = mem, abi, symbol, warn
        self.key, self.hash_pointers = key, hash_pointers
        self._cstr = mem.cstr
        self.formats = Formats(self)
        self._hashes: dict[Virt, int] = {}

    def conversions(self, fmt: bytes) -> list[Convert]:
        """Those of a format, one by one, for who wants to know what each takes."""
        return _Parser(self, fmt).parse()[1]

    def format(self, fmt: bytes, args: Arguments) -> bytes:
        """Render a format. Raises: GuestFault where an argument points to nothing."""
        return self.formats[fmt](args.u64)

    def print(self, fmt: Virt, args: Arguments) -> bytes:
        """Render the format at a guest address. Raises: as format(), and where there is no format."""
        return self.formats[self._cstr(fmt)](args.u64)

    def vsnprintf(self, buffer: Virt, size: int, fmt: Virt, args: Arguments) -> int:
        """Render into size bytes, the NUL among them; at size 0 nothing is written, and buffer may be NULL.

        Return: the length of the whole text, whether it had room or not.
        """
        if size > INT_MAX:
            self.warn("vsnprintf_size")
            return 0
        out = self.print(fmt, args)
        if size:
            self.mem.write(buffer, out[: size - 1] + b"\0")
        return len(out)

    def vscnprintf(self, buffer: Virt, size: int, fmt: Virt, args: Arguments) -> int:
        """As vsnprintf(). Return: the length of what was written."""
        return min(self.vsnprintf(buffer, size, fmt, args), size - 1) if size else 0

    def render(self, fmt: bytes, *args: int) -> bytes:
        """Render a format of the kernel's own."""
        return self.format(fmt, Values(*args))

    def arguments(self, virt: Virt) -> CopiedArguments:
        """The va_list at virt; store() moves it on, as a function does that takes from the list itself."""
        return CopiedArguments(self.mem, virt)

    @staticmethod
    def escape(string: bytes, flags: int, only: bytes = b"") -> bytes:
        """string_escape_mem(): see escape.py."""
        from runtime.printk.escape import escape

        return escape(string, flags, only)

    def hashed(self, pointer: Virt) -> int:
        """The number that %p shows for a pointer."""
        value = self._hashes.get(pointer)
        if value is None:
            if len(self._hashes) >= _REMEMBERED:
                self._hashes.clear()
            value = self._hashes[pointer] = hash_pointer(pointer, self.key)
        return value


class Formats(dict[bytes, Format]):
    """A format -> what renders it, which is made when it is first asked for."""

    def __init__(self, printer: Printf) -> None:
        super().__init__()
        self.printer = printer

    def __missing__(self, fmt: bytes) -> Format:
        if len(self) >= _REMEMBERED:
            self.clear()
        parsed = self[fmt] = _renderer(*_Parser(self.printer, fmt).parse())
        return parsed


def _renderer(template: bytes, converts: list[Convert]) -> Format:
    """template % (what each of converts gives). Most formats have at most one."""
    if not converts:
        text = template % ()
        return lambda take: text
    if len(converts) == 1:
        convert = converts[0]
        if convert is int_of:  # most of all
            return lambda take: template % ((take() & 0xFFFFFFFF ^ 1 << 31) - (1 << 31),)
        return lambda take: template % (convert(take),)
    return lambda take: template % tuple([convert(take) for convert in converts])


class _Parser:
    """One pass over a format; at: of the next byte."""

    def __init__(self, printer: Printf, fmt: bytes) -> None:
        self.printer, self.fmt, self.at = printer, fmt, 0
        self.converts: list[Convert] = []

    def parse(self) -> tuple[bytes, list[Convert]]:
        """(a Python template for bytes, what converts each of its values)"""
        fmt, pieces, more = self.fmt, [], True
        while more:
            percent = fmt.find(b"%", self.at)
            if percent < 0:
                pieces.append(fmt[self.at :])
                break
            pieces.append(fmt[self.at : percent])
            self.at = percent + 1
            piece, more = self._conversion()
            pieces.append(piece)
        return b"".join(pieces), self.converts

    def _peek(self) -> int:
        return self.fmt[self.at] if self.at < len(self.fmt) else 0

    def _number(self) -> int | None:
        """Digits; None for `*`, -1 where there is neither."""
        start = self.at
        if self._peek() == 0x2A:
            self.at += 1
            return None
        while 0x30 <= self._peek() <= 0x39:
            self.at += 1
        return int(self.fmt[start : self.at]) if self.at > start else -1

    def _length(self) -> bytes:
        """h, l, L, z, t; hh is H, and ll is L."""
        found = bytes((self._peek(),))
        if found not in (b"h", b"l", b"L", b"z", b"t"):
            return b""
        self.at += 1
        if found in (b"h", b"l") and self._peek() == found[0]:
            self.at += 1
            return found.upper()
        return found

    def _letters(self) -> bytes:
        start = self.at
        while self._peek() in _ALNUM:
            self.at += 1
        return self.fmt[start : self.at]

    def _conversion(self) -> tuple[bytes, bool]:
        """The piece for what stands behind a `%`. False: it is not known, and the rest of the format is dropped."""
        flags = 0
        while self._peek() in FLAG:
            flags |= FLAG[self._peek()]
            self.at += 1
        width, precision = self._number(), -1
        if self._peek() == 0x2E:
            self.at += 1
            precision = self._number()  # type: ignore[assignment]
        length = self._length()
        letter = bytes((self._peek(),))
        self.at += 1
        return self._piece(letter, length, flags, width, precision)

    def _piece(
        self, letter: bytes, length: bytes, flags: int, width: int | None, precision: int | None
    ) -> tuple[bytes, bool]:
        printer, static = self.printer, width is not None and precision is not None
        if static and letter in b"diuoxXs%":
            return self._simple(letter, length, Spec(flags, width or 0, precision or 0)), True
        render = render_of(printer, letter, length, self._letters() if letter == b"p" else b"")
        self.converts.append(dynamic(printer, flags, width, precision, render))
        if render is not None:
            return b"%b", True
        if letter == b"%":
            return b"%b%%", True
        self.converts.append(unknown(printer, letter[0]))
        return b"%b%b", False

    def _simple(self, letter: bytes, length: bytes, spec: Spec) -> bytes:
        """What a Python template can say."""
        if letter == b"%":
            return b"%%"
        piece, convert = plain_string(self.printer, spec) if letter == b"s" else integer(letter, length, spec)
        self.converts.append(convert)
        return piece
