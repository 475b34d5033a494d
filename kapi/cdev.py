"""fs.h, cdev.h: numbers of character devices, and the devices. They can be registered; nobody opens them here.

Linux: fs/char_dev.c, 6.1
"""

from errno import EBUSY, ENOMEM
from functools import partial
from typing import Annotated

from kapi.registry import export, has_from_boot, may_fail
from runtime.c import const_char_p, dev_t, int_, pointer, unsigned_int
from runtime.devices import numbers
from runtime.devices.core import cache_of, text
from runtime.devices.numbers import MINOR_BITS, MINORS
from runtime.kernel import Kernel

cdev_p = Annotated[int, pointer("cdev")]
file_operations_p = Annotated[int, pointer("file_operations")]
dev_t_p = Annotated[int, pointer("dev_t")]
has_from_boot(__name__, partial(cache_of, struct="cdev"))
_SATURATED = 0xC0000000
_NUMBERS, _DEVICE = "character device numbers", "character device"


def _take(k: Kernel, major: int, first: int, count: int, name: int) -> int:
    """Return: the major, or -errno."""
    taken = numbers.take(k, major, first, count, text(k, name))
    if taken >= 0:
        said = f"{taken}:{first} ({text(k, name)})"
        k.resources.add(_NUMBERS, said, 0, k.mm.stack(), (taken, first, count))
    return taken


def _give(k: Kernel, major: int, first: int, count: int) -> None:
    k.devices.numbers.release(major, first, count)
    k.resources.remove(_NUMBERS, (major, first, count))


def _pieces(start: int, count: int) -> list[tuple[int, int, int]]:
    """(major, first minor, how many) of a range of numbers, which may begin in one major and end in the next."""
    pieces, end = [], start + count
    while start < end:
        after = min((start | MINORS - 1) + 1, end)
        pieces.append((start >> MINOR_BITS, start & MINORS - 1, after - start))
        start = after
    return pieces


@export
@may_fail(-ENOMEM, -EBUSY)
def alloc_chrdev_region(
    k: Kernel, dev: dev_t_p, baseminor: unsigned_int, count: unsigned_int, name: const_char_p
) -> int_:  # fmt: skip
    """Take count minors of a free major, and store the first number in *dev. Return: 0; -EBUSY; -EINVAL; -ENOMEM."""
    k.trouble.might_sleep("alloc_chrdev_region()")
    major = _take(k, 0, baseminor, count, name)
    if major < 0:
        return major
    k.mem.put32(dev, major << MINOR_BITS | baseminor)
    return 0


@export
@may_fail(-EBUSY, -ENOMEM)
def register_chrdev_region(k: Kernel, from_: dev_t, count: unsigned_int, name: const_char_p) -> int_:
    """Take count numbers. Return: 0; -EBUSY where somebody has one of them; -EINVAL; -ENOMEM."""
    k.trouble.might_sleep("register_chrdev_region()")
    taken: list[tuple[int, int, int]] = []
    for piece in _pieces(from_, count):
        result = _take(k, *piece, name)
        if result < 0:
            for before in taken:
                _give(k, *before)
            return result
        taken.append(piece)
    return 0


@export
def unregister_chrdev_region(k: Kernel, from_: dev_t, count: unsigned_int) -> None:
    """Give back what was taken with the same numbers; anything else stays, and nothing is said."""
    k.trouble.might_sleep("unregister_chrdev_region()")
    for piece in _pieces(from_, count):
        _give(k, *piece)


@export
@may_fail(-EBUSY, -ENOMEM)
def __register_chrdev(
    k: Kernel, major: unsigned_int, baseminor: unsigned_int, count: unsigned_int, name: const_char_p,
    fops: file_operations_p,
) -> int_:  # fmt: skip
    """Take minors, and register a device for them. Return: 0, or the major where 0 was asked for; or -errno."""
    k.trouble.might_sleep("register_chrdev()")
    taken = _take(k, major, baseminor, count, name)
    return 0 if taken >= 0 and major else taken


@export
def __unregister_chrdev(
    k: Kernel, major: unsigned_int, baseminor: unsigned_int, count: unsigned_int, name: const_char_p
) -> None:
    k.trouble.might_sleep("unregister_chrdev()")
    _give(k, major, baseminor, count)


# struct cdev


def _init(k: Kernel, p: int) -> None:
    cdev = k.abi.view("cdev")(k.mem, p)
    for head in (cdev.list.va, cdev.kobj.entry.va):
        k.mem.put64(head, head)
        k.mem.put64(head + 8, head)
    k.mem.put32(cdev.kobj.kref.va, 1)
    cdev.kobj.state_initialized = 1


@export
def cdev_init(k: Kernel, cdev: cdev_p, fops: file_operations_p) -> None:
    """Make a device that nobody has registered."""
    k.mem.fill(cdev, k.abi.sizeof("cdev"), 0)
    _init(k, cdev)
    k.abi.view("cdev")(k.mem, cdev).ops = fops


@export
def cdev_alloc(k: Kernel) -> cdev_p:
    """Allocate a device, which cdev_del() frees. Return: NULL on scarcity."""
    p = k.slab.kmalloc(k.abi.sizeof("cdev"), k.abi.const["GFP_KERNEL"] | k.abi.const["__GFP_ZERO"])
    if p:
        _init(k, p)
        k.devices.cdevs[p] = True
    return p


def _numbered(k: Kernel, p: int, dev: int, count: int, _error: int = 0) -> None:
    cdev = k.abi.view("cdev")(k.mem, p)
    cdev.dev, cdev.count = dev, count


@export
@may_fail(-ENOMEM, refused=_numbered)
def cdev_add(k: Kernel, p: cdev_p, dev: dev_t, count: unsigned_int) -> int_:
    """Register a device for count numbers, whoever has taken them. Return: 0; -ENOMEM."""
    k.trouble.might_sleep("cdev_add()")
    _numbered(k, p, dev, count)
    k.resources.add(_DEVICE, f"{dev >> MINOR_BITS}:{dev & MINORS - 1}", p, k.mm.stack())
    return 0


@export
def cdev_del(k: Kernel, p: cdev_p) -> None:
    """Take a device back, and give up the reference to it; one of cdev_alloc() is freed with the last.

    Finding: bad-argument for one that was never initialised; refcount where it is taken back twice. Both are WARNs.
    """
    k.trouble.might_sleep("cdev_del()")
    cdev = k.abi.view("cdev")(k.mem, p)
    k.resources.remove(_DEVICE, p)
    if not cdev.kobj.state_initialized:
        name = text(k, cdev.kobj.name) if cdev.kobj.name else "(null)"
        k.trouble.warn("kobject_put_uninitialised", name, k.mm.hashed(p))
    count = k.mem.i32(cdev.kobj.kref.va)
    if count <= 0:
        k.mem.put32(cdev.kobj.kref.va, _SATURATED)
        k.trouble.warn("refcount_underflow")
        return
    k.mem.put32(cdev.kobj.kref.va, count - 1)
    if count == 1 and k.devices.cdevs.pop(p, False):
        k.slab.kfree(p)
