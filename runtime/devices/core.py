"""struct device: made and destroyed by number, as device_create() and device_destroy() do.

A device lies in memory of the kernel's own: no module has allocated it, and none leaks it. What its users look at is
true: name, class, number, driver data, parent, reference count. It has no sysfs files and no node in /dev.

Linux: drivers/base/core.c, 6.1
"""

import struct
from errno import EINVAL, ENODEV, ENOMEM
from typing import TYPE_CHECKING, NamedTuple

from runtime.devices import sysfs
from runtime.devices.boot_names import DEBUGFS_DIRECTORIES, DEBUGFS_FILES, PROC_DIRECTORIES, PROC_FILES
from runtime.devices.numbers import MINOR_BITS, MINORS, Numbers
from runtime.devices.sysfs import Sysfs
from runtime.devices.tree import Tree
from runtime.errors import Unsupported
from runtime.undo import Undo
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_LONG, _WORD = struct.Struct("<Q"), struct.Struct("<I")
_MAX_ERRNO = 4095
_REFERENCES = 2  # of the creator, and of the list of its class
_LISTS = ("kobj.entry", "mutex.wait_list", "devres_head", "dma_pools")


class Made(NamedTuple):
    """A device. paths: its directory in sysfs, and the links to it. name: its own object, where it is too long to lie
    behind the structure.
    """

    cls: Virt
    number: int
    device: Virt
    paths: tuple[str, ...]
    name: Virt


class Devices:
    """all: devices that modules have made, the oldest first.

    classes: address of each class that modules have made -> its path. cdevs: those that were allocated alone.
    """

    def __init__(self, undo: Undo, boot: frozenset[str] = frozenset()) -> None:
        self.sysfs, self.numbers = Sysfs(undo, boot), Numbers(undo)
        self.proc = Tree(undo, "/proc", PROC_FILES, PROC_DIRECTORIES)
        self.debugfs = Tree(undo, "/", DEBUGFS_FILES, DEBUGFS_DIRECTORIES)
        self.all: list[Made] = undo.list()
        self.classes: dict[Virt, str] = undo.dict()
        self.cdevs: dict[Virt, bool] = undo.dict()


def create(k: "Kernel", cls: Virt, parent: Virt, number: int, data: int, name: bytes | None) -> int:
    """Make a device. name: None where the caller gave NULL for it.

    Return: its address; -ENODEV without a class; -ENOMEM; -EINVAL for an empty name; -EEXIST for one that is taken.
    """
    if is_no_pointer(cls):
        return -ENODEV
    if name is None:
        return -ENOMEM
    called = name.replace(b"/", b"!")  # a slash would be a directory
    device, own = _allocate(k, called)
    if not device:
        return -ENOMEM
    paths = _add(k, device, cls, parent, number, called)
    if isinstance(paths, int):
        _free(k, device, own)
        return paths
    k.mem.write(device, _filled(k, device, cls, parent, number, data, own, called))
    k.devices.all.append(Made(cls, number, device, paths, own))
    return device


def is_no_pointer(address: Virt) -> bool:
    """IS_ERR_OR_NULL()."""
    return not address or address >= (1 << 64) - _MAX_ERRNO


def destroy(k: "Kernel", cls: Virt, number: int) -> Virt:
    """Remove the first device of a class that has this number. Return: its address; 0 where there is none."""
    for index, made in enumerate(k.devices.all):
        if made.number == number and made.cls == cls:
            del k.devices.all[index]
            for path in made.paths:
                k.devices.sysfs.remove(path)
            _free(k, made.device, made.name)
            return made.device
    return 0


def _allocate(k: "Kernel", name: bytes) -> tuple[Virt, Virt]:
    """Memory of the kernel's own for a device with its name. Return: (device, object of the name or 0); (0, 0) on
    scarcity.
    """
    gfp, size = k.abi.const["GFP_KERNEL"], k.abi.sizeof("device")
    cache = k.slab.kmalloc_slab(size, gfp)
    device = k.slab.internal(cache)
    if size + len(name) < cache.object_size or not device:
        return device, 0
    own = k.slab.internal(k.slab.kmalloc_slab(len(name) + 1, gfp))
    if own:
        k.mem.write(own, name + b"\0")
        return device, own
    k.slab.give_back(device)
    return 0, 0


def _free(k: "Kernel", *objects: Virt) -> None:
    for objp in objects:
        if objp:
            k.slab.give_back(objp)


def _filled(
    k: "Kernel", device: Virt, cls: Virt, parent: Virt, number: int, data: int, own: Virt, name: bytes
) -> bytes:  # fmt: skip
    """The contents of a struct device; its name behind it where that has no object of its own."""
    offset, size = k.abi.offset, k.abi.sizeof("device")
    content = bytearray(size)
    put = _LONG.pack_into
    words = {"kobj.name": own or device + size, "parent": parent, "driver_data": data, "class": cls}
    for member, value in words.items():
        put(content, offset("device", member), value)
    for member in _LISTS:
        at = offset("device", member)
        put(content, at, device + at)
        put(content, at + 8, device + at)
    _WORD.pack_into(content, offset("device", "kobj.kref"), _REFERENCES)
    _WORD.pack_into(content, offset("device", "devt"), number)
    return bytes(content) if own else bytes(content) + name + b"\0"


def _add(k: "Kernel", device: Virt, cls: Virt, parent: Virt, number: int, name: bytes) -> tuple[str, ...] | int:
    """Give it its names in sysfs. Return: the path of its directory, and those of the links; or -errno."""
    if not name:
        k.trouble.warn("kobject_empty_name", k.mm.hashed(device))
        return -EINVAL
    called, kind = name.decode("utf-8", "backslashreplace"), class_name(k, cls)
    above = _path(k, parent) if parent else f"/devices/virtual/{kind}"
    error = sysfs.create_directory(k, above, called)
    if error:
        return error
    done: list[str] = [f"{above}/{called}"]
    links = [f"/class/{kind}/{called}"]
    if number >> MINOR_BITS:
        links.append(f"/dev/char/{number >> MINOR_BITS}:{number & MINORS - 1}")
    for link in links:
        error = sysfs.create(k, link)
        if error:
            for path in done:
                k.devices.sysfs.remove(path)
            return error
        done.append(link)
    return tuple(done)


def _path(k: "Kernel", device: Virt) -> str:
    """The directory of a device that may be a parent. Raises: Unsupported for one that was not made here."""
    for made in k.devices.all:
        if made.device == device:
            return made.paths[0]
    raise Unsupported("a device whose parent is none of device_create()'s")


def text(k: "Kernel", virt: Virt) -> str:
    """A string of the guest's."""
    return k.mem.cstr(virt).decode("utf-8", "backslashreplace")


def class_name(k: "Kernel", cls: Virt) -> str:
    """The name of a class."""
    return text(k, k.mem.u64(cls + k.abi.offset("class", "name")))
