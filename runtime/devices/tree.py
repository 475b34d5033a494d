"""Names in a file system that modules add to: files and directories, known by the addresses of their structures."""

from functools import cache
from typing import NamedTuple

from runtime.undo import Undo
from runtime.units import Virt

ROOT = 0


class Entry(NamedTuple):
    """parent: its address; ROOT for the top. Those of the kernel have addresses from 1 on, and no memory."""

    parent: Virt
    name: str
    directory: bool


class Tree:
    """entries: address -> Entry. by_name: (parent, name) -> address. root: how its messages call the top."""

    def __init__(self, undo: Undo, root: str, files: tuple[str, ...], directories: tuple[str, ...]) -> None:
        entries, by_name = _of_boot(files, directories)
        self.root, self.boot = root, len(entries)
        self.entries: dict[Virt, Entry] = undo.dict(entries)
        self.by_name: dict[tuple[Virt, str], Virt] = undo.dict(by_name)

    def add(self, address: Virt, parent: Virt, name: str, directory: bool) -> None:
        """A new entry, of a name that is free."""
        self.entries[address] = Entry(parent, name, directory)
        self.by_name[parent, name] = address

    def name(self, address: Virt) -> str:
        """An entry's name, that of the root included."""
        return self.entries[address].name if address else self.root

    def children(self, address: Virt) -> list[Virt]:
        """What a directory has in it, as the kernel would find it: shorter names first."""
        inside = [(len(name), name, child) for (parent, name), child in self.by_name.items() if parent == address]
        return [child for _, _, child in sorted(inside)]

    def below(self, address: Virt) -> list[Virt]:
        """An entry and all that is in it, directories before what they hold."""
        found = [address]
        for each in found:
            found += self.children(each)
        return found

    def remove(self, address: Virt) -> None:
        """Forget an entry."""
        entry = self.entries.pop(address)
        del self.by_name[entry.parent, entry.name]

    def path(self, address: Virt) -> str:
        """`/driver/foo`, below the top."""
        entry = self.entries.get(address)
        return f"{self.path(entry.parent)}/{entry.name}" if entry is not None else ""


@cache
def _of_boot(
    files: tuple[str, ...], directories: tuple[str, ...]
) -> tuple[dict[Virt, Entry], dict[tuple[Virt, str], Virt]]:
    """What the kernel has at the top."""
    names = [*((name, False) for name in files), *((name, True) for name in directories)]
    entries = {number: Entry(ROOT, name, directory) for number, (name, directory) in enumerate(names, 1)}
    return entries, {(entry.parent, entry.name): number for number, entry in entries.items()}
