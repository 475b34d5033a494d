"""struct device: made and destroyed by number, as device_create() and device_destroy() do.

A device lies in memory of the kernel's own: no module has allocated it, and none leaks it. What its users look at is
true: name, class, number, driver data, parent, reference count. It has no sysfs files and no node in /dev.

Linux: drivers/base/core.c, 6.1
"""

from errno import ENODEV, ENOMEM
from typing import TYPE_CHECKING

from runtime.devices import sysfs
from runtime.devices.sysfs import Sysfs
from runtime.errors import Unsupported
from runtime.undo import Undo
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_MINOR_BITS = 20
_EINVAL = 22
_MAX_ERRNO = 4095
_REFERENCES = 2  # of the creator, and of the list of its class
_LISTS = ("kobj.entry", "mutex.wait_list", "devres_head", "dma_pools")


class Devices:
    """All devices that modules have made: (class, number, device, path in sysfs), the oldest first."""

    def __init__(self, undo: Undo, boot: frozenset[str] = frozenset()) -> None:
        self.sysfs = Sysfs(undo, boot)
        self.all: list[tuple[Virt, int, Virt, str]] = undo.list()


def create(k: "Kernel", cls: Virt, parent: Virt, number: int, data: int, name: bytes | None) -> int:
    """Make a device. name: None where the caller gave NULL for it.

    Return: its address; -ENODEV without a class; -ENOMEM; -EINVAL for an empty name; -EEXIST for one that is taken.
    """
    if not cls or cls >= (1 << 64) - _MAX_ERRNO:
        return -ENODEV
    if parent:
        raise Unsupported("a device with a parent")
    device = _allocate(k, k.abi.sizeof("device"))
    text = _name(k, name)
    if not device or not text:
        _free(k, device, text)
        return -ENOMEM
    _fill(k, device, cls, number, data, text)
    path = _add(k, device, cls, number)
    if isinstance(path, int):
        _free(k, device, text)
        return path
    k.devices.all.append((cls, number, device, path))
    return device


def destroy(k: "Kernel", cls: Virt, number: int) -> None:
    """Remove the first device of a class that has this number; without one nothing happens."""
    for entry in k.devices.all:
        if entry[:2] == (cls, number):
            break
    else:
        return
    k.devices.all.remove(entry)
    _, _, device, path = entry
    if number >> _MINOR_BITS:
        k.devices.sysfs.remove(_by_number(number))
    k.devices.sysfs.remove(path)
    _free(k, device, k.mem.u64(device + k.abi.offset("device", "kobj.name")))


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


def _fill(k: "Kernel", device: Virt, cls: Virt, number: int, data: int, name: Virt) -> None:
    view = k.abi.view("device")(k.mem, device)
    view.kobj.name, view.class_, view.devt, view.driver_data = name, cls, number, data
    k.mem.put32(device + k.abi.offset("device", "kobj.kref"), _REFERENCES)
    for member in _LISTS:
        head = device + k.abi.offset("device", member)
        k.mem.put64(head, head)
        k.mem.put64(head + 8, head)


def _add(k: "Kernel", device: Virt, cls: Virt, number: int) -> str | int:
    """Give it its names in sysfs. Return: the path of its directory, or -errno."""
    name = k.mem.cstr(k.mem.u64(device + k.abi.offset("device", "kobj.name"))).decode("utf-8", "backslashreplace")
    if not name:
        k.trouble.warn("kobject_empty_name", k.mm.hashed(device))
        return -_EINVAL
    kind = k.mem.cstr(k.mem.u64(cls + k.abi.offset("class", "name"))).decode("utf-8", "backslashreplace")
    parent = f"/devices/virtual/{kind}"
    error = sysfs.create_directory(k, parent, name)
    if error:
        return error
    error = sysfs.create(k, _by_number(number)) if number >> _MINOR_BITS else 0
    if error:
        k.devices.sysfs.remove(f"{parent}/{name}")
        return error
    return f"{parent}/{name}"


def _by_number(number: int) -> str:
    return f"/dev/char/{number >> _MINOR_BITS}:{number & (1 << _MINOR_BITS) - 1}"
