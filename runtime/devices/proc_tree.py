"""The entries of /proc: files and directories by name. Nobody opens them here.

An entry is known to modules by the address of a struct proc_dir_entry that they cannot look into.

Linux: fs/proc/generic.c, 6.1
"""

from errno import ENOENT
from typing import TYPE_CHECKING, NamedTuple

from runtime.devices.boot_names import PROC_DIRECTORIES, PROC_FILES
from runtime.undo import Undo
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

ROOT = 0
_LONGEST = 255


class Entry(NamedTuple):
    """parent: its address; ROOT for /proc itself. Those of the kernel have addresses below 4096."""

    parent: Virt
    name: str
    directory: bool


class ProcTree:
    """entries: address -> Entry. by_name: (parent, name) -> address."""

    def __init__(self, undo: Undo) -> None:
        self.entries: dict[Virt, Entry] = undo.dict(_BOOT)
        self.by_name: dict[tuple[Virt, str], Virt] = undo.dict(_BY_NAME)

    def name(self, address: Virt) -> str:
        """An entry's name, that of the root included."""
        return self.entries[address].name if address else "/proc"

    def children(self, address: Virt) -> list[Virt]:
        """What a directory has in it, as the kernel would find it: shorter names first."""
        inside = [(len(name), name, child) for (parent, name), child in self.by_name.items() if parent == address]
        return [child for _, _, child in sorted(inside)]

    def remove(self, address: Virt) -> None:
        """Forget an entry."""
        entry = self.entries.pop(address)
        del self.by_name[entry.parent, entry.name]

    def path(self, address: Virt) -> str:
        """`/proc/driver/foo`."""
        entry = self.entries.get(address)
        return f"{self.path(entry.parent)}/{entry.name}" if entry is not None else "/proc"


_NAMES = [*((name, False) for name in PROC_FILES), *((name, True) for name in PROC_DIRECTORIES)]
_BOOT = {number: Entry(ROOT, name, directory) for number, (name, directory) in enumerate(_NAMES, 1)}
_BY_NAME = {(entry.parent, entry.name): number for number, entry in _BOOT.items()}


def walk(k: "Kernel", name: str, parent: Virt) -> tuple[Virt, str] | None:
    """Follow the directories in a name. Return: (directory, last part); None, with a WARN, where one does not exist."""
    *directories, last = name.split("/")
    for part in directories:
        found = k.devices.proc.by_name.get((parent, part))
        if found is None or not k.devices.proc.entries[found].directory:
            k.trouble.warn("proc_no_directory", name)
            return None
        parent = found
    return parent, last


def create(k: "Kernel", name: str, parent: Virt, directory: bool) -> Virt:
    """Make an entry. Return: its address; 0 without memory, or, with a WARN, for a name that is wrong or taken."""
    place = walk(k, name, parent)
    if place is None or not _is_name(k, *place):
        return 0
    entry = k.slab.internal(k.slab.kmalloc_slab(k.abi.sizeof("proc_dir_entry"), k.abi.const["GFP_KERNEL"]))
    if entry and place in k.devices.proc.by_name:
        k.trouble.warn("proc_taken", k.devices.proc.name(place[0]), place[1])
        k.slab.give_back(entry)
        return 0
    if entry:
        k.devices.proc.entries[entry] = Entry(*place, directory)
        k.devices.proc.by_name[place] = entry
    return entry


def _is_name(k: "Kernel", parent: Virt, name: str) -> bool:
    """Is it a name for an entry there?"""
    if not 0 < len(name) <= _LONGEST:
        k.trouble.warn("proc_name_length", len(name))
    elif name in (".", ".."):
        k.trouble.warn("proc_dot" if name == "." else "proc_dots")
    elif parent == ROOT and name.isascii() and name.isdigit() and (name == "0" or name[0] != "0"):
        k.trouble.warn("proc_number", name)
    else:
        return True
    return False


def remove(k: "Kernel", name: str, parent: Virt) -> Virt:
    """Remove an entry. Return: its address; 0, with a WARN, where it does not exist."""
    place, tree = walk(k, name, parent), k.devices.proc
    if place is None:
        return 0
    entry = tree.by_name.get(place, 0)
    if not entry:
        k.trouble.warn("proc_missing", name)
        return 0
    left = tree.children(entry)
    if left:
        k.trouble.warn("proc_not_empty", tree.name(place[0]), place[1], tree.name(left[0]))
        tree.remove(entry)  # what is in it is lost, and keeps its address
    else:
        _forget(k, entry)
    return entry


def remove_subtree(k: "Kernel", name: str, parent: Virt) -> tuple[int, list[Virt]]:
    """Remove an entry and all below. Return: 0 or -ENOENT, and the addresses of what went."""
    place = walk(k, name, parent)
    entry = k.devices.proc.by_name.get(place, 0) if place is not None else 0
    if not entry:
        return -ENOENT, []
    gone = [entry]
    for each in gone:
        gone += k.devices.proc.children(each)
    for each in reversed(gone):
        _forget(k, each)
    return 0, gone


def _forget(k: "Kernel", entry: Virt) -> None:
    k.devices.proc.remove(entry)
    if entry not in _BOOT:  # the kernel's own have no memory here
        k.slab.give_back(entry)
