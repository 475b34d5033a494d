"""proc_fs.h: entries of /proc. They can be made and removed; nobody opens them here.

Linux: fs/proc/generic.c, 6.1
"""

from functools import partial
from typing import Annotated

from kapi.registry import export, has_from_boot, may_fail
from runtime.c import CType, const_char_p, function_p, int_, loff_t, pointer, umode_t, unsigned_int, void_p
from runtime.devices import proc_tree
from runtime.devices.core import cache_of
from runtime.devices.tree import ROOT
from runtime.kernel import Kernel

proc_dir_entry_p = Annotated[int, pointer("proc_dir_entry")]
proc_ops_p = Annotated[int, pointer("proc_ops")]
seq_operations_p = Annotated[int, pointer("seq_operations")]
kuid_t = Annotated[int, CType("kuid_t", 4)]
kgid_t = Annotated[int, CType("kgid_t", 4)]
has_from_boot(__name__, partial(cache_of, struct="proc_dir_entry"))
_KIND = "proc entry"


def _create(k: Kernel, name: int, parent: int, directory: bool = False) -> int:
    k.trouble.might_sleep("proc_mkdir()" if directory else "proc_create()")
    entry = proc_tree.create(k, _text(k, name), _known(k, parent), directory)
    if entry:
        path, inside = k.devices.proc.path(entry), k.devices.proc.entries[entry].parent
        k.resources.add(_KIND, f"/proc{path}", entry, k.mm.stack(), inside=inside)
    return entry


def _text(k: Kernel, name: int) -> str:
    return k.mem.cstr(name).decode("utf-8", "backslashreplace")


def _known(k: Kernel, parent: int) -> int:
    """A parent that may be removed already is a pointer to freed memory: then it is the root's name that is looked for.

    Finding: use-after-free.
    """
    if parent and parent not in k.devices.proc.entries:
        k.check.finding("use-after-free", f"a directory of /proc that is removed already: {parent:#x}", address=parent)
        return ROOT
    return parent


@export
@may_fail(0)
def proc_create(
    k: Kernel, name: const_char_p, mode: umode_t, parent: proc_dir_entry_p, proc_ops: proc_ops_p
) -> proc_dir_entry_p:
    """Make a file; name may begin with directories. parent NULL: /proc.

    Return: NULL on scarcity; with a WARN, where the name is taken, wrong, or in a directory that does not exist.
    """
    return _create(k, name, parent)


@export
@may_fail(0)
def proc_create_data(
    k: Kernel, name: const_char_p, mode: umode_t, parent: proc_dir_entry_p, proc_ops: proc_ops_p, data: void_p
) -> proc_dir_entry_p:
    return _create(k, name, parent)


@export
@may_fail(0)
def proc_create_single_data(
    k: Kernel, name: const_char_p, mode: umode_t, parent: proc_dir_entry_p, show: function_p, data: void_p
) -> proc_dir_entry_p:
    return _create(k, name, parent)


@export
@may_fail(0)
def proc_create_seq_private(
    k: Kernel, name: const_char_p, mode: umode_t, parent: proc_dir_entry_p, ops: seq_operations_p,
    state_size: unsigned_int, data: void_p,
) -> proc_dir_entry_p:  # fmt: skip
    return _create(k, name, parent)


@export
@may_fail(0)
def proc_symlink(k: Kernel, name: const_char_p, parent: proc_dir_entry_p, dest: const_char_p) -> proc_dir_entry_p:
    return _create(k, name, parent)


@export
@may_fail(0)
def proc_mkdir(k: Kernel, name: const_char_p, parent: proc_dir_entry_p) -> proc_dir_entry_p:
    """Make a directory. Return: as proc_create()."""
    return _create(k, name, parent, directory=True)


@export
@may_fail(0)
def proc_mkdir_mode(
    k: Kernel, name: const_char_p, mode: umode_t, parent: proc_dir_entry_p
) -> proc_dir_entry_p:  # fmt: skip
    return _create(k, name, parent, directory=True)


@export
@may_fail(0)
def proc_mkdir_data(
    k: Kernel, name: const_char_p, mode: umode_t, parent: proc_dir_entry_p, data: void_p
) -> proc_dir_entry_p:
    return _create(k, name, parent, directory=True)


@export
def remove_proc_entry(k: Kernel, name: const_char_p, parent: proc_dir_entry_p) -> None:
    """Remove an entry by its name. Finding: bad-argument, with a WARN, where it does not exist or is not empty."""
    k.trouble.might_sleep("remove_proc_entry()")
    k.resources.remove(_KIND, proc_tree.remove(k, _text(k, name), _known(k, parent)))


def _remove_subtree(k: Kernel, name: str, parent: int) -> int:
    error, gone = proc_tree.remove_subtree(k, name, parent)
    for entry in gone:
        k.resources.remove(_KIND, entry)
    return error


@export
def remove_proc_subtree(k: Kernel, name: const_char_p, parent: proc_dir_entry_p) -> int_:
    """Remove an entry and all below it. Return: 0; -ENOENT."""
    k.trouble.might_sleep("remove_proc_subtree()")
    return _remove_subtree(k, _text(k, name), _known(k, parent))


@export
def proc_remove(k: Kernel, de: proc_dir_entry_p) -> None:
    """Remove an entry and all below it; NULL is nothing. Finding: double-free for one that is removed already."""
    k.trouble.might_sleep("proc_remove()")
    if not de:
        return
    entry = k.devices.proc.entries.get(de)
    if entry is None:
        k.check.finding("double-free", f"proc_remove() of {de:#x}, which is removed already", address=de)
        return
    _remove_subtree(k, entry.name, entry.parent)


@export
def proc_set_size(k: Kernel, de: proc_dir_entry_p, size: loff_t) -> None:
    """Say how long a file is."""
    k.mem.put64(de + k.abi.offset("proc_dir_entry", "size"), size)


@export
def proc_set_user(k: Kernel, de: proc_dir_entry_p, uid: kuid_t, gid: kgid_t) -> None:
    """Say whose a file is."""
    k.mem.put32(de + k.abi.offset("proc_dir_entry", "uid"), uid)
    k.mem.put32(de + k.abi.offset("proc_dir_entry", "gid"), gid)
