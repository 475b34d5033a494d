"""Addresses of a loaded module and their names, as the kernel prints them: `f+0x1f/0x60`.

The size is the distance to the next symbol, or to the page-aligned end of the text: not the ELF symbol's own. For data
it wraps below zero and prints as a huge number; that is what Linux prints.
Linux: kernel/module/kallsyms.c, find_kallsyms_symbol(), 6.1
"""

from bisect import bisect_right

_MASK = (1 << 64) - 1

TextPart = tuple[int, int, int]
"""(first address, first address behind its text, first address behind all of it)"""


class Symbols:
    """The symbols of one module, of its whole file or of what stays after init.

    named: (address, name) in the order of the file, undefined ones left out. init: None once the init part is freed.
    """

    def __init__(self, named: list[tuple[int, str]], core: TextPart, init: TextPart | None) -> None:
        self._named = named
        self.core, self.init = core, init
        self._values: list[int] | None = None
        self._names: list[str] = []

    def _index(self) -> list[int]:
        """Sort on the first look-up. Of several symbols at one address the first in the file wins."""
        if self._values is None:
            first: dict[int, str] = {}
            for address, name in self._named:
                if name and address and not _is_mapping(name):
                    first.setdefault(address, name)
            self._values = sorted(first)
            self._names = [first[address] for address in self._values]
        return self._values

    def lookup(self, address: int) -> tuple[str, int, int] | None:
        """Name an address of this module: (symbol, offset, size), or None where no symbol precedes it."""
        values = self._index()
        at = bisect_right(values, address)
        if at == 0:
            return None
        init = self.init
        end = init[1] if init is not None and init[0] <= address < init[2] else self.core[1]
        if at < len(values):
            end = min(end, values[at])
        value = values[at - 1]
        return self._names[at - 1], address - value, end - value & _MASK

    def address(self, name: str) -> int | None:
        """Find the first symbol of that name."""
        return next((address for address, known in self._named if known == name), None)

    def items(self) -> list[tuple[int, str]]:
        """Give (address, name), sorted, one name per address."""
        values = self._index()
        return list(zip(values, self._names, strict=True))


def _is_mapping(name: str) -> bool:
    """Tell local labels and the marks of ARM assemblers, which kallsyms ignores."""
    return name.startswith(".L") or (name[0] == "$" and name[1:2] in ("a", "x", "t", "d") and name[2:3] in ("", "."))
