"""Names for addresses of the kernel: what kallsyms knows. Modules bring tables of their own."""

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from runtime.units import Virt


class Symbol(NamedTuple):
    """Where an address lies: offset bytes into a symbol of so many bytes; module is None for the kernel itself."""

    name: str
    offset: int
    size: int
    module: str | None = None

    def __str__(self) -> str:
        return self.text(0)

    def text(self, further: int) -> str:
        """How a trace writes an address that is so many bytes further on: `f+0x1f/0x60 [module]`."""
        name, offset, size, module = self
        shown = f"{name}+{offset + further:#x}/{size:#x}"
        return f"{shown} [{module}]" if module else shown


def _nowhere(_virt: Virt) -> None:
    """No module is loaded."""


class Symbols:
    """The kernel's own symbols. in_modules(virt): asks the modules, which have tables of their own."""

    def __init__(self) -> None:
        self.by_name: dict[str, Virt] = {}
        self.by_virt: dict[Virt, tuple[str, int]] = {}
        self.in_modules: Callable[[Virt], Symbol | None] = _nowhere
        self._starts: list[Virt] = []  # those of by_virt in order, when somebody last looked

    def add(self, name: str, virt: Virt, size: int) -> None:
        """Name size bytes at virt."""
        self.by_name[name] = virt
        self.by_virt[virt] = name, size

    def lookup(self, virt: Virt) -> Symbol | None:
        """The symbol that virt lies in, or None."""
        first = self.by_virt.get(virt)
        if first is not None and first[1]:  # the kernel's own functions are mostly asked for by their first byte
            return Symbol(first[0], 0, first[1])
        found = self.in_modules(virt)
        if found is not None:
            return found
        if len(self._starts) != len(self.by_virt):
            self._starts = sorted(self.by_virt)
        at = bisect_right(self._starts, virt) - 1
        if at < 0:
            return None
        start = self._starts[at]
        name, size = self.by_virt[start]
        return Symbol(name, virt - start, size) if virt - start < size else None

    def describe(self, virt: Virt) -> str:
        """`f+0x1f/0x60 [module]`, or the bare address where nothing is known."""
        symbol = self.lookup(virt)
        return str(symbol) if symbol is not None else f"{virt:#x}"

    def describe_return(self, virt: Virt) -> str:
        """The same for a return address, which belongs to the call before it."""
        symbol = self.lookup(virt - 1)
        return symbol.text(1) if symbol is not None else f"{virt:#x}"
