"""The entries of /proc: files and directories by name. Nobody opens them here.

An entry is known to modules by the address of a struct proc_dir_entry that they cannot look into.

Linux: fs/proc/generic.c, 6.1
"""

from errno import ENOENT
from typing import TYPE_CHECKING

from runtime.devices.core import cache_of
from runtime.devices.tree import ROOT
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_LONGEST = 255


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
    entry = k.slab.internal(cache_of(k, "proc_dir_entry"))
    if entry and place in k.devices.proc.by_name:
        k.trouble.warn("proc_taken", k.devices.proc.name(place[0]), place[1])
        k.slab.give_back(entry)
        return 0
    if entry:
        k.devices.proc.add(entry, *place, directory)
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
    gone = k.devices.proc.below(entry)
    for each in reversed(gone):
        _forget(k, each)
    return 0, gone


def _forget(k: "Kernel", entry: Virt) -> None:
    k.devices.proc.remove(entry)
    if entry > k.devices.proc.boot:  # the kernel's own have no memory here
        k.slab.give_back(entry)
