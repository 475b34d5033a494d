"""The patterns of the runs that are compared, and fills that leave some memory as it is on Debian: by their order, by a
part of one, or by who gets the memory.
"""

from collections.abc import Callable
from typing import NamedTuple

from runtime.mm.fill import Fill
from runtime.ram import Ram
from runtime.units import Phys

# No bit is the same in both and on Debian, where memory reads as zero; one is negative, and both are bad pointers.
PATTERNS = (0xA5, 0x5A)

Key = tuple[int, ...]
"""Who gets memory: the call stack; -1 in front for the guest's stack, which nobody asks for."""
ON_STACK = -1


class Span(NamedTuple):
    """Bytes first to last of each piece of memory that somebody gets."""

    key: Key
    first: int
    last: int


class Selection(NamedTuple):
    """What is filled: pieces of memory before number `end`; of the last of them only bytes first to last. Nowhere the
    bytes in masks. until_free: those bytes of the last piece hold the pattern only as long as it is allocated.
    """

    byte: int
    end: int
    first: int = 0
    last: int = 1 << 62
    masks: tuple[Span, ...] = ()
    until_free: bool = False


class Piece(NamedTuple):
    """Memory that was handed out undefined."""

    phys: Phys
    size: int
    key: Key


class SelectiveFill(Fill):
    """count: pieces of memory so far. piece: the last one that was filled. stack(): who gets it.

    freed: who has freed it, where until_free asks for that.
    """

    def __init__(self, ram: Ram, selection: Selection, stack: Callable[[], Key]) -> None:
        super().__init__(ram, selection.byte)
        self.selection, self.stack = selection, stack
        self.count = 0
        self.piece: Piece | None = None
        self.freed: Key = ()
        self._before = b""
        self._masked = {mask.key for mask in selection.masks}

    def handed_out(self, phys: Phys, size: int, clear: bool) -> None:
        self._fill(phys, size, clear, ())

    def below_stack(self, phys: Phys, size: int) -> None:
        """The next functions to be called get this part of the stack."""
        self._fill(phys, size, False, (ON_STACK,))

    def _fill(self, phys: Phys, size: int, clear: bool, prefix: Key) -> None:
        number, self.count = self.count, self.count + 1
        chosen = self.selection
        if number + 1 == chosen.end:
            self.piece = Piece(phys, size, (*prefix, *self.stack()))
        elif not self._masked and number < chosen.end:
            self.ram.fill(phys, size, self.byte)
            return
        elif clear:
            self.ram.zero(phys, size)
        if number < chosen.end:
            self._partly(phys, size, clear, (*prefix, *self.stack()), number + 1 == chosen.end)

    def _partly(self, phys: Phys, size: int, clear: bool, key: Key, cut: bool) -> None:
        before = bytes(size) if clear else self.ram.read(phys, size)
        first, last = (self.selection.first, min(self.selection.last, size - 1)) if cut else (0, size - 1)
        if cut:
            self._before = before
        content = bytearray(before)
        content[first : last + 1] = bytes([self.byte]) * (last + 1 - first)
        for mask in self.selection.masks if key in self._masked else ():
            if mask.key == key:
                content[mask.first : mask.last + 1] = before[mask.first : mask.last + 1]
        self.ram.write(phys, bytes(content))

    def free(self, phys: Phys) -> None:
        """Somebody frees what begins at phys: what still holds the pattern is as on Debian from now on."""
        if self.piece is None or self.piece.phys != phys or self.freed:
            return
        self.freed = self.stack()
        first, last = self.selection.first, min(self.selection.last, self.piece.size - 1)
        for at in range(first, last + 1):
            if self.ram.u8[phys + at] == self.byte:
                self.ram.put8(phys + at, self._before[at])
