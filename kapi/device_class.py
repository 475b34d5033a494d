"""device.h, device/class.h: classes, and devices that are made by them. They have names in sysfs, but no files.

Linux: drivers/base/class.c, drivers/base/core.c, 6.1
"""

from errno import EINVAL, ENOMEM
from functools import partial
from typing import Annotated

from kapi.registry import export, has_from_boot, may_fail
from runtime.c import VaList, const_char_p, dev_t, device_p, pointer, void_p
from runtime.devices import core, sysfs
from runtime.errors import Unsupported
from runtime.kernel import Kernel

class_p = Annotated[int, pointer("class")]
module_p = Annotated[int, pointer("module")]
lock_class_key_p = Annotated[int, pointer("lock_class_key")]
_CLASS, _DEVICE = "class", "device"
for _struct in ("class", "device"):
    has_from_boot(__name__, partial(core.cache_of, struct=_struct))


@export
@may_fail(-ENOMEM)
def __class_create(k: Kernel, owner: module_p, name: const_char_p, key: lock_class_key_p) -> class_p:
    """Make a class; its name is not copied. Return: ERR_PTR(-EEXIST) where the name is taken, -EINVAL, -ENOMEM.

    Finding: bad-argument for a name that is taken or empty.
    """
    k.trouble.might_sleep("class_create()")
    cls = k.slab.internal(core.cache_of(k, "class")) if name else 0
    if not cls:
        return -ENOMEM
    text = core.text(k, name)
    error = sysfs.create(k, text, f"/class/{text}") if text else -EINVAL
    if not text:
        k.trouble.warn("kobject_empty_name", k.mm.hashed(cls))
    if error:
        k.slab.give_back(cls)
        return error
    view = k.abi.view("class")(k.mem, cls)
    view.name, view.owner = name, owner
    k.devices.classes[cls] = f"/class/{text}"
    k.resources.add(_CLASS, text, cls, k.mm.stack())
    return cls


@export
def class_destroy(k: Kernel, cls: class_p) -> None:
    """Take a class back; NULL and error pointers are nothing.

    Finding: double-free for one that is destroyed already; bad-argument where it still has devices.
    """
    k.trouble.might_sleep("class_destroy()")
    if core.is_no_pointer(cls):
        return
    path = k.devices.classes.pop(cls, "")
    if not path:
        k.check.finding("double-free", f"class_destroy() of {cls:#x}, which is no class, or no more", address=cls)
        return
    left = [made.paths[0].rpartition("/")[2] for made in k.devices.all if made.cls == cls]
    if left:
        said = f"class_destroy() of {path.removeprefix('/class/')}, which still has the device {left[0]}"
        k.check.finding("bad-argument", said, address=cls)
    k.devices.sysfs.remove((path,))
    k.resources.remove(_CLASS, cls)
    if not left:  # else what comes next would use memory that is free
        k.slab.give_back(cls)


@export
@may_fail(-ENOMEM)
def device_create(
    k: Kernel, cls: class_p, parent: device_p, devt: dev_t, drvdata: void_p, fmt: const_char_p, va: VaList
) -> device_p:
    """Make a device, called as fmt says. Return: ERR_PTR(-ENODEV) without a class; -EEXIST; -EINVAL; -ENOMEM.

    Finding: bad-argument for a name or number that is taken.
    """
    k.trouble.might_sleep("device_create()")
    if not core.is_no_pointer(cls) and cls not in k.devices.classes:
        raise Unsupported("device_create() in a class that class_create() has not made, or that is destroyed")
    name: bytes | None = k.printf.print(fmt, va)
    device = core.create(k, cls, parent, devt, drvdata, name)
    if device > 0:
        k.resources.add(_DEVICE, core.text(k, k.abi.view("device")(k.mem, device).kobj.name), device, k.mm.stack())
    return device


@export
def device_destroy(k: Kernel, cls: class_p, devt: dev_t) -> None:
    """Take back the first device of a class that has this number; without one nothing happens.

    Finding: use-after-free of a class that is destroyed.
    """
    k.trouble.might_sleep("device_destroy()")
    if cls not in k.devices.classes:
        k.check.finding("use-after-free", f"device_destroy() in the class {cls:#x}, which is destroyed", address=cls)
    k.resources.remove(_DEVICE, core.destroy(k, cls, devt))
