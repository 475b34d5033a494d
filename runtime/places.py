"""Addresses as people read them: symbol, file and line, of modules that are loaded or have gone.

DWARF is opened for the first address that is printed.
"""

from typing import TYPE_CHECKING, Any

from runtime.loader.lines import Lines
from runtime.loader.module import LoadedModule
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel


class Places:
    """Frames of findings. A module's names and lines outlive it."""

    def __init__(self, kernel: "Kernel") -> None:
        self.kernel = kernel
        self.known: list[LoadedModule] = kernel.undo.list()  # all that were ever loaded, with the names that they had in init
        self._names: dict[int, Any] = {}
        self._lines: dict[int, Lines] = {}

    def add(self, module: LoadedModule) -> None:
        """Remember a module that has been linked."""
        self.known.append(module)
        self._names[id(module)] = module.kallsyms

    def frame(self, virt: Virt, back: int = 1) -> dict[str, Any]:
        """What --json shows of an address; back: 1 for a return address, which belongs to the call before it."""
        at = virt - back
        for module in reversed(self.known):
            places = module.section_virts.items()
            hit = next(((index, at - start) for index, start in places if start <= at < start + module.elf.sections[index].size), None)
            if hit is not None:
                return self._in_module(module, at, back, *hit)
        symbol = self.kernel.symbols.lookup(at)
        if symbol is None:
            return {"symbol": f"{virt:#x}", "offset": 0, "module": None, "file": None, "line": 0}
        return {"symbol": symbol.name, "offset": symbol.offset + back, "module": None, "file": None, "line": 0}

    def _in_module(self, module: LoadedModule, at: Virt, back: int, section: int, offset: int) -> dict[str, Any]:
        name, inside, _ = self._names[id(module)].lookup(at) or (f"{at:#x}", 0, 0)
        if id(module) not in self._lines:
            self._lines[id(module)] = Lines(module.elf)
        file, line, _ = self._lines[id(module)].find(section, offset) or (None, 0, "")
        return {"symbol": name, "offset": inside + back, "module": module.name, "file": file, "line": line}

    def text(self, virt: Virt, back: int = 1) -> str:
        """`bar+0x12 (file.c:34)`."""
        frame = self.frame(virt, back)
        where = f" ({frame['file'].rpartition('/')[2]}:{frame['line']})" if frame["file"] else ""
        return f"{frame['symbol']}+{frame['offset']:#x}{where}"
