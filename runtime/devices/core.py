"""struct device: made and destroyed by number, as device_create() and device_destroy() do.

A device lies in memory of the kernel's own: no module has allocated it, and none leaks it. What its users look at is
true: name, class, number, driver data, parent, reference count. It has no sysfs files and no node in /dev.

Linux: drivers/base/core.c, 6.1
"""

from errno import EINVAL, ENODEV, ENOMEM
from typing import TYPE_CHECKING

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

_MAX_ERRNO = 4095
_REFERENCES = 2  # of the creator, and of the list of its class
_LISTS = ("kobj.entry", "mutex.wait_list", "devres_head", "dma_pools")


class Devices:
    """all: devices that modules have made: (class, number, device, path in sysfs), the oldest first.

    classes: address of each class that modules have made -> its path. cdevs: those that were allocated alone.
    """

    def __init__(self, undo: Undo, boot: frozenset[str] = frozenset()) -> None:
        self.sysfs, self.numbers = Sysfs(undo, boot), Numbers(undo)
        self.proc = Tree(undo, "/proc", PROC_FILES, PROC_DIRECTORIES)
        self.debugfs = Tree(undo, "/", DEBUGFS_FILES, DEBUGFS_DIRECTORIES)
        self.all: list[tuple[Virt, int, Virt, str]] = undo.list()
        self.classes: dict[Virt, str] = undo.dict()
        self.cdevs: dict[Virt, bool] = undo.dict()


def create(k: "Kernel", cls: Virt, parent: Virt, number: int, data: int, name: bytes | None) -> int:
    """Make a device. name: None where the caller gave NULL for it.

    Return: its address; -ENODEV without a class; -ENOMEM; -EINVAL for an empty name; -EEXIST for one that is taken.
    """
    if is_no_pointer(cls):
        return -ENODEV
    device = _allocate(k, k.abi.sizeof("device"))
    text = _name(k, name)
    if not device or not text:
        _free(k, device, text)
        return -ENOMEM
    _fill(k, device, cls, parent, number, data, text)
    path = _add(k, device, cls, parent, number)
    if isinstance(path, int):
        _free(k, device, text)
        return path
    k.devices.all.append((cls, number, device, path))
    return device


def is_no_pointer(address: Virt) -> bool:
    """IS_ERR_OR_NULL()."""
    return not address or address >= (1 << 64) - _MAX_ERRNO


def destroy(k: "Kernel", cls: Virt, number: int) -> Virt:
    """Remove the first device of a class that has this number. Return: its address; 0 where there is none."""
    for entry in k.devices.all:
        if entry[:2] == (cls, number):
            break
    else:
        return 0
    k.devices.all.remove(entry)
    _, _, device, path = entry
    _remove_names(k, path, cls, number)
    _free(k, device, k.mem.u64(device + k.abi.offset("device", "kobj.name")))
    return device


def _remove_names(k: "Kernel", path: str, cls: Virt, number: int) -> None:
    if number >> MINOR_BITS:
        k.devices.sysfs.remove(_by_number(number))
    k.devices.sysfs.remove(_in_class(k, cls, path.rpartition("/")[2]))
    k.devices.sysfs.remove(path)


def _allocate(k: "Kernel", size: int) -> Virt:
    """Memory of the kernel's own, zero. Return: 0 on scarcity."""
    return k.slab.internal(k.slab.kmalloc_slab(size, k.abi.const["GFP_KERNEL"]))


def _free(k: "Kernel", *objects: Virt) -> None:
    for objp in filter(None, objects):
        k.slab.give_back(objp)


def _name(k: "Kernel", name: bytes | None) -> Virt:
    """A copy of the name; in sysfs a slash would be a directory. Return: 0 without name or memory."""
    if name is None:
        return 0
    text = _allocate(k, len(name) + 1)
    if text:
        k.mem.write(text, name.replace(b"/", b"!") + b"\0")
    return text


def _fill(k: "Kernel", device: Virt, cls: Virt, parent: Virt, number: int, data: int, name: Virt) -> None:
    view = k.abi.view("device")(k.mem, device)
    view.parent = parent
    view.kobj.name, view.class_, view.devt, view.driver_data = name, cls, number, data
    k.mem.put32(device + k.abi.offset("device", "kobj.kref"), _REFERENCES)
    for member in _LISTS:
        head = device + k.abi.offset("device", member)
        k.mem.put64(head, head)
        k.mem.put64(head + 8, head)


def _add(k: "Kernel", device: Virt, cls: Virt, parent: Virt, number: int) -> str | int:
    """Give it its names in sysfs. Return: the path of its directory, or -errno."""
    name = text(k, k.mem.u64(device + k.abi.offset("device", "kobj.name")))
    if not name:
        k.trouble.warn("kobject_empty_name", k.mm.hashed(device))
        return -EINVAL
    above = _path(k, parent) if parent else f"/devices/virtual/{class_name(k, cls)}"
    error = sysfs.create_directory(k, above, name)
    if error:
        return error
    link = _in_class(k, cls, name)
    error = sysfs.create(k, link)
    if error:
        k.devices.sysfs.remove(f"{above}/{name}")
        return error
    error = sysfs.create(k, _by_number(number)) if number >> MINOR_BITS else 0
    if error:
        k.devices.sysfs.remove(link)
        k.devices.sysfs.remove(f"{above}/{name}")
        return error
    return f"{above}/{name}"


def _path(k: "Kernel", device: Virt) -> str:
    """The directory of a device that may be a parent. Raises: Unsupported for one that was not made here."""
    for _, _, known, path in k.devices.all:
        if known == device:
            return path
    raise Unsupported("a device whose parent is none of device_create()'s")


def text(k: "Kernel", virt: Virt) -> str:
    """A string of the guest's."""
    return k.mem.cstr(virt).decode("utf-8", "backslashreplace")


def class_name(k: "Kernel", cls: Virt) -> str:
    """The name of a class."""
    return text(k, k.mem.u64(cls + k.abi.offset("class", "name")))


def _in_class(k: "Kernel", cls: Virt, name: str) -> str:
    return f"/class/{class_name(k, cls)}/{name}"


def _by_number(number: int) -> str:
    return f"/dev/char/{number >> MINOR_BITS}:{number & MINORS - 1}"
