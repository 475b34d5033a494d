"""debugfs.h: entries of debugfs. They can be made and removed; nobody opens them here.

Of their struct dentry, name and parent are true.

Linux: fs/debugfs/inode.c, fs/debugfs/file.c, 6.1
"""

from errno import EACCES, EEXIST, ENOENT, ENOMEM
from functools import partial
from typing import Annotated

from kapi.registry import alias, export, has_from_boot, may_fail
from runtime.c import const_char_p, pointer, umode_t, void_p
from runtime.devices.core import cache_of, is_no_pointer
from runtime.kernel import Kernel

dentry_p = Annotated[int, pointer("dentry")]
file_operations_p = Annotated[int, pointer("file_operations")]
has_from_boot(__name__, partial(cache_of, struct="dentry"))
_KIND = "debugfs entry"
_ERROR = 3
_INLINE_NAME = 32  # bytes of d_iname


def _create(k: Kernel, name: int, parent: int, directory: bool) -> int:
    """Return: the dentry; ERR_PTR() of what parent is, where it is an error; -EEXIST, -EACCES, -ENOENT, -ENOMEM."""
    k.trouble.might_sleep(f"debugfs_create_{'dir' if directory else 'file'}()")
    if parent and is_no_pointer(parent):
        return parent
    tree, text = k.devices.debugfs, k.mem.cstr(name).decode("utf-8", "backslashreplace")
    if parent and parent not in tree.entries:
        message = f"a directory of debugfs that is removed already: {parent:#x}"
        k.check.finding("use-after-free", message, address=parent)
        return -ENOENT
    if text in ("", ".", "..") or "/" in text:
        return -EACCES
    other = tree.by_name.get((parent, text))
    if other is not None:
        what = ("Directory", "with parent") if tree.entries[other].directory else ("File", "in directory")
        k.printk(_ERROR, f"debugfs: {what[0]} '{text}' {what[1]} '{tree.name(parent)}' already present!")
        k.check.finding("bad-argument", f"{tree.path(other)} exists already in debugfs")
        return -EEXIST
    return _make(k, text, parent, directory)


def _make(k: Kernel, name: str, parent: int, directory: bool) -> int:
    dentry = k.slab.internal(cache_of(k, "dentry"))
    if not dentry:
        return -ENOMEM
    view, text = k.abi.view("dentry")(k.mem, dentry), name.encode()
    at = view.d_iname
    if len(text) >= _INLINE_NAME:
        at = k.slab.internal(k.slab.kmalloc_slab(len(text) + 1, k.abi.const["GFP_KERNEL"]))
    if not at:
        k.slab.give_back(dentry)
        return -ENOMEM
    k.mem.write(at, text + b"\0")
    view.d_parent, view.d_name.name, view.d_name.len = parent, at, len(text)
    k.devices.debugfs.add(dentry, parent, name, directory)
    k.resources.add(_KIND, k.devices.debugfs.path(dentry), dentry, k.mm.stack(), inside=parent)
    return dentry


@export
@may_fail(-ENOMEM)
def debugfs_create_dir(k: Kernel, name: const_char_p, parent: dentry_p) -> dentry_p:
    """Make a directory; parent NULL: at the top. Return: an error pointer for a parent that is one, and on failure.

    Finding: bad-argument for a name that is taken; use-after-free of a parent that is removed.
    """
    return _create(k, name, parent, True)


@export
@may_fail(-ENOMEM)
def debugfs_create_file(
    k: Kernel, name: const_char_p, mode: umode_t, parent: dentry_p, data: void_p, fops: file_operations_p
) -> dentry_p:
    """Make a file. Return: as debugfs_create_dir()."""
    return _create(k, name, parent, False)


alias("debugfs_create_file_unsafe", debugfs_create_file)


@export
def debugfs_create_u32(k: Kernel, name: const_char_p, mode: umode_t, parent: dentry_p, value: void_p) -> None:
    """Make a file that shows a variable."""
    _create(k, name, parent, False)


for _type in ("u8", "u16", "u64", "ulong", "x8", "x16", "x32", "x64", "size_t", "atomic_t", "bool"):
    alias(f"debugfs_create_{_type}", debugfs_create_u32)


@export
def debugfs_remove(k: Kernel, dentry: dentry_p) -> None:
    """Remove an entry and all below it; NULL and error pointers are nothing.

    Finding: double-free for one that is removed already.
    """
    k.trouble.might_sleep("debugfs_remove()")
    if is_no_pointer(dentry):
        return
    tree = k.devices.debugfs
    if dentry not in tree.entries:
        k.check.finding("double-free", f"debugfs_remove() of {dentry:#x}, which is removed already", address=dentry)
        return
    for each in reversed(tree.below(dentry)):
        _forget(k, each)


def _forget(k: Kernel, dentry: int) -> None:
    view = k.abi.view("dentry")(k.mem, dentry)
    if view.d_name.name != view.d_iname:
        k.slab.give_back(view.d_name.name)
    k.devices.debugfs.remove(dentry)
    k.resources.remove(_KIND, dentry)
    k.slab.give_back(dentry)
