"""Addresses as people read them: symbol, file and line, of modules that are loaded or have gone.

DWARF is opened for the first address that is printed.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from runtime.loader.loaded import LoadedModule
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

# Inlined functions of the kernel's headers (kmalloc, list_add) say less than the line that calls them.
_HEADERS = ("linux-headers-", "/include/linux/", "/include/asm", "/toolchain/include/")


class Places:
    """Frames of findings. A module's names and lines outlive it."""

    def __init__(self, kernel: "Kernel") -> None:
        self.kernel = kernel
        self.known: list[LoadedModule] = kernel.undo.list()  # all that were ever loaded, the newest last

    def add(self, module: LoadedModule) -> None:
        """Remember a module that has been linked."""
        self.known.append(module)

    def frames(
        self, addresses: Iterable[Virt], back: int = 1, known: int | None = None,
        modules: Sequence[LoadedModule] | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """What --json shows of a stack; back: 1 for return addresses, which belong to the call before them.

        An address in a function of the module that was inlined gives a frame for each level, innermost first.
        known: only the first so many modules count: later ones may have been loaded to the same addresses. modules:
        those that count, for a machine that was taken back to a time before they were loaded.
        """
        among = (self.known if modules is None else modules)[:known]
        return [frame for virt in addresses for frame in self._expand(virt, back, among)]

    def frame(self, virt: Virt, back: int = 1) -> dict[str, Any]:
        """The function that the compiler made, and the line in it."""
        return self._expand(virt, back, self.known)[-1]

    def _expand(self, virt: Virt, back: int, among: Sequence[LoadedModule]) -> list[dict[str, Any]]:
        at = virt - back
        module = next((module for module in reversed(among) if module.was_at(at)), None)
        found = module.names.lookup(at) if module is not None else None
        if module is None or found is None:
            symbol = self.kernel.symbols.lookup(at)
            name, offset = (symbol.name, symbol.offset + back) if symbol is not None else (f"{virt:#x}", 0)
            return [_frame(name, offset, module, None)]
        chain = module.inlined(at)
        own = [level for level in chain[:-1] if not any(part in level[1][2] for part in _HEADERS)]
        outer = chain[-1][1] if chain else module.line(at)
        offset = found[1] + back
        return [*(_frame(name, offset, module, place) for name, place in own), _frame(found[0], offset, module, outer)]

    def symbol(self, virt: Virt) -> str:
        """`bar+0x12 module` of an instruction: the same wherever the module lies, and known after it has gone."""
        module = next((module for module in reversed(self.known) if module.was_at(virt)), None)
        found = module.names.lookup(virt) if module is not None else None
        if module is None or found is None:
            return self.kernel.symbols.describe(virt)
        return f"{found[0]}+{found[1]:#x} {module.name}"

    def text(self, virt: Virt, back: int = 1) -> str:
        """`bar+0x12 (file.c:34)`."""
        frame = self.frame(virt, back)
        where = f" ({frame['file'].rpartition('/')[2]}:{frame['line']})" if frame["file"] else ""
        return f"{frame['symbol']}+{frame['offset']:#x}{where}"


def _frame(name: str, offset: int, module: LoadedModule | None, place: tuple[str, int, str] | None) -> dict[str, Any]:
    file, line = (place[2] or place[0], place[1]) if place is not None else (None, 0)
    return {"symbol": name, "offset": offset, "module": module.name if module else None, "file": file, "line": line}
