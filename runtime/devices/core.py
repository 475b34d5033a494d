"""struct device: made and destroyed by number, as device_create() and device_destroy() do.

A device lies in memory of the kernel's own: no module has allocated it, and none leaks it. What its users look at is
true: name, class, number, driver data, parent, reference count. It has no sysfs files and no node in /dev.

Linux: drivers/base/core.c, 6.1
"""

from errno import EINVAL, ENODEV, ENOMEM
from functools import cache
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from runtime.abi import Abi
from runtime.abi.packed import packed
from runtime.devices import sysfs
from runtime.devices.boot_names import DEBUGFS_DIRECTORIES, DEBUGFS_FILES, PROC_DIRECTORIES, PROC_FILES
from runtime.devices.numbers import MINOR_BITS, MINORS, Numbers
from runtime.devices.sysfs import Sysfs
from runtime.devices.tree import Tree
from runtime.errors import Unsupported
from runtime.undo import Undo
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.devices.misc import Places
    from runtime.kernel import Kernel
    from runtime.mm.slab_cache import Cache

_MAX_ERRNO = 4095
_REFERENCES = 2  # of the creator, and of the list of its class
# What is not zero in a device, as it lies there.
_MEMBERS = (
    "kobj.name", "kobj.entry.next", "kobj.entry.prev", "kobj.kref.refcount.refs.counter", "parent", "driver_data",
    "mutex.wait_list.next", "mutex.wait_list.prev", "dma_pools.next", "dma_pools.prev", "devt", "devres_head.next",
    "devres_head.prev", "class",
)  # fmt: skip


class Made(NamedTuple):
    """A device. paths: its directory in sysfs, and the links to it. name: its own object, where it is too long to lie
    behind the structure.
    """

    cls: Virt
    number: int
    device: Virt
    paths: tuple[str, ...]
    name: Virt


class Layout(NamedTuple):
    """What the ABI says of devices. device: a struct device, of the values of _MEMBERS. The rest are offsets in it, and
    in struct class.
    """

    device: Struct
    entry: int
    wait_list: int
    dma_pools: int
    devres_head: int
    class_name: int


@cache
def layout(abi: Abi) -> Layout:
    """Look it up, once."""
    at = abi.offset
    return Layout(
        packed(abi, "device", *_MEMBERS), at("device", "kobj.entry"), at("device", "mutex.wait_list"),
        at("device", "dma_pools"), at("device", "devres_head"), at("class", "name"),
    )  # fmt: skip


class Devices:
    """all: devices that modules have made, the oldest first.

    misc: where the variables of misc devices are, once a module imports their functions.
    classes: address of each class that modules have made -> its path. cdevs: those that were allocated alone.
    """

    def __init__(self, undo: Undo, boot: frozenset[str] = frozenset()) -> None:
        self.sysfs, self.numbers = Sysfs(undo, boot), Numbers(undo)
        self.proc = Tree(undo, "/proc", PROC_FILES, PROC_DIRECTORIES)
        self.debugfs = Tree(undo, "/", DEBUGFS_FILES, DEBUGFS_DIRECTORIES)
        self.all: list[Made] = undo.list()
        self.misc: list[Places] = undo.list()
        self.classes: dict[Virt, str] = undo.dict()
        self.cdevs: dict[Virt, bool] = undo.dict()


def create(
    k: "Kernel", cls: Virt, parent: Virt, number: int, data: int, name: bytes | None, kind: str = ""
) -> int:  # fmt: skip
    """Make a device. name: None where the caller gave NULL for it. kind: the name of the class, for who knows it.

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
    paths = _add(k, device, cls, parent, number, called, kind)
    if isinstance(paths, int):
        _free(k, device, own)
        return paths
    k.ram.write(device - k.slab.offset, _filled(k, device, cls, parent, number, data, own, called))
    k.devices.all.append(Made(cls, number, device, paths, own))
    return device


def is_no_pointer(address: Virt) -> bool:
    """IS_ERR_OR_NULL()."""
    return not address or address >= (1 << 64) - _MAX_ERRNO


def destroy(k: "Kernel", cls: Virt, number: int) -> Virt:
    """Remove the first device of a class that has this number. Return: its address; 0 where there is none."""
    for index, made in enumerate(k.devices.all):
        if made.number == number and made.cls == cls:
            k.devices.all.pop(index)
            k.devices.sysfs.remove(made.paths)
            _free(k, made.device, made.name)
            return made.device
    return 0


def cache_of(k: "Kernel", struct: str) -> "Cache":
    """The cache of kmalloc() that structures of this name come from."""
    return k.slab.kmalloc_slab(k.abi.sizeof(struct), k.abi.const["GFP_KERNEL"])


def _allocate(k: "Kernel", name: bytes) -> tuple[Virt, Virt]:
    """Memory of the kernel's own for a device with its name. Return: (device, object of the name or 0); (0, 0) on
    scarcity.
    """
    size, gfp = layout(k.abi).device.size, k.slab.gfp.KERNEL
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
    at = layout(k.abi)
    entry, waiting = device + at.entry, device + at.wait_list
    pools, devres = device + at.dma_pools, device + at.devres_head
    content = at.device.pack(
        own or device + at.device.size, entry, entry, _REFERENCES, parent, data, waiting, waiting, pools, pools,
        number, devres, devres, cls,
    )  # fmt: skip
    return content if own else content + name + b"\0"


def _add(
    k: "Kernel", device: Virt, cls: Virt, parent: Virt, number: int, name: bytes, kind: str
) -> tuple[str, ...] | int:  # fmt: skip
    """Give it its names in sysfs. Return: the path of its directory, and those of the links; or -errno."""
    if not name:
        k.trouble.warn("kobject_empty_name", k.mm.hashed(device))
        return -EINVAL
    called, kind = name.decode("utf-8", "backslashreplace"), kind or class_name(k, cls)
    above = _path(k, parent) if parent else f"/devices/virtual/{kind}"
    paths: tuple[str, ...] = f"{above}/{called}", f"/class/{kind}/{called}"
    if number >> MINOR_BITS:
        paths += (f"/dev/char/{number >> MINOR_BITS}:{number & MINORS - 1}",)
    return sysfs.create(k, called, *paths) or paths


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
    return text(k, k.mem.u64(cls + layout(k.abi).class_name))
