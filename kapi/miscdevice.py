"""miscdevice.h: character devices of one minor number each. They can be registered; nobody opens them here.

Linux: drivers/char/misc.c, 6.1
"""

from errno import EBUSY, ENOMEM
from typing import Annotated

from kapi.list_debug import __list_add_valid, __list_del_entry_valid
from kapi.mutex import mutex_lock, mutex_unlock
from kapi.registry import export, export_data, may_fail
from runtime.c import int_, pointer
from runtime.devices import core
from runtime.devices import misc as boot
from runtime.devices.misc import DYNAMIC_MINORS, registered
from runtime.errors import Unsupported
from runtime.kernel import Kernel

miscdevice_p = Annotated[int, pointer("miscdevice")]
_KIND = "misc device"
_MINOR_BITS = 20


@export_data("list_head")
def misc_list(k: Kernel, at: int) -> None:
    """The devices, the newest first (a variable of Linux's that modules cannot see)."""
    boot.write_boot(k, at)


@export_data(DYNAMIC_MINORS // 8)
def misc_minors(k: Kernel, at: int) -> None:
    """Bit n: minor 127 - n has been handed out."""
    k.mem.put64(at, boot.BOOT_MINORS)
    k.mem.put64(at + 8, 0)


@export_data("mutex")
def misc_mtx(k: Kernel, at: int) -> None:
    """Held while the list is changed: for ever, where the list is found corrupted."""
    k.mem.fill(at, k.abi.sizeof("mutex"), 0)


@export_data("class")
def kmodrun_misc_class(k: Kernel, at: int) -> None:
    """The class of all of them."""
    name = k.image.variable("kmodrun_misc_class_name", 8)
    k.mem.write(name, b"misc\0")
    k.mem.put64(at + k.abi.offset("class", "name"), name)


def _failed(k: Kernel, misc: int, error: int) -> None:
    """What a call that fails leaves in the structure."""
    device = k.abi.view("miscdevice")(k.mem, misc)
    _alone(k, misc)
    if error != -EBUSY:
        device.this_device = error


def _alone(k: Kernel, misc: int) -> None:
    entry = misc + k.abi.offset("miscdevice", "list")
    k.mem.put64(entry, entry)
    k.mem.put64(entry + 8, entry)


@export
@may_fail(-ENOMEM, -EBUSY, refused=_failed)
def misc_register(k: Kernel, misc: miscdevice_p) -> int_:
    """Register a device; minor MISC_DYNAMIC_MINOR is replaced by the highest free one below 128.

    Return: 0; -EBUSY where the minor is taken, or all are; -EEXIST where the name is; -ENOMEM.
    Finding: bad-argument for a name or number that is taken in sysfs; sleep-in-atomic.
    """
    device = k.abi.view("miscdevice")(k.mem, misc)
    _alone(k, misc)
    k.trouble.might_sleep("misc_register()")
    mutex = k.provider.address("misc_mtx")
    mutex_lock(k, mutex)
    dynamic = device.minor == k.abi.const["MISC_DYNAMIC_MINOR"]
    result = (_dynamic if dynamic else _fixed)(k, misc) or _add(k, misc, dynamic)
    mutex_unlock(k, mutex)
    if not result:
        name = k.printf.render(b"%s", device.name).decode("utf-8", "backslashreplace")
        k.resources.add(_KIND, name, misc, k.mm.stack())
    return result


def _fixed(k: Kernel, misc: int) -> int:
    """The minor that the device asks for. Return: 0; -EBUSY where another has it."""
    view = k.abi.view("miscdevice")
    minor = view(k.mem, misc).minor
    return -EBUSY if any(view(k.mem, other).minor == minor for other in registered(k)) else 0


def _dynamic(k: Kernel, misc: int) -> int:
    """The highest minor that has not been handed out, whoever has asked for it as a fixed one. Return: 0; -EBUSY."""
    free = next((bit for bit in range(DYNAMIC_MINORS) if not _taken(k, bit)), None)
    if free is None:
        return -EBUSY
    k.abi.view("miscdevice")(k.mem, misc).minor = DYNAMIC_MINORS - 1 - free
    _take(k, free, True)
    return 0


def _taken(k: Kernel, bit: int) -> int:
    return k.mem.u8(k.provider.address("misc_minors") + bit // 8) >> bit % 8 & 1


def _take(k: Kernel, bit: int, taken: bool) -> None:
    """Mark a minor as handed out, or not; those that nobody hands out have no bit."""
    if 0 <= bit < DYNAMIC_MINORS:
        at = k.provider.address("misc_minors") + bit // 8
        k.mem.put8(at, k.mem.u8(at) & ~(1 << bit % 8) | taken << bit % 8)


def _add(k: Kernel, misc: int, dynamic: bool) -> int:
    """Make its struct device, and put it into the list. Return: 0 or -errno."""
    device = k.abi.view("miscdevice")(k.mem, misc)
    if device.groups:
        raise Unsupported("misc_register() with attribute groups")
    number = _dev(k, device.minor)
    name = k.mem.cstr(device.name) if device.name else None
    made = core.create(k, k.provider.address("kmodrun_misc_class"), device.parent, number, misc, name)
    device.this_device = made
    if made < 0:
        if dynamic:
            _take(k, DYNAMIC_MINORS - 1 - device.minor, False)
            device.minor = k.abi.const["MISC_DYNAMIC_MINOR"]
        return made
    entry, head = misc + k.abi.offset("miscdevice", "list"), k.provider.address("misc_list")
    first = k.mem.u64(head)
    __list_add_valid(k, entry, head, first)
    k.mem.put64(first + 8, entry)
    k.mem.put64(entry, first)
    k.mem.put64(entry + 8, head)
    k.mem.put64(head, entry)
    return 0


def _dev(k: Kernel, minor: int) -> int:
    return (k.abi.const["MISC_MAJOR"] << _MINOR_BITS | minor) & 0xFFFFFFFF


@export
def misc_deregister(k: Kernel, misc: miscdevice_p) -> None:
    """Take a device back. Finding: bad-argument, with a WARN, for one whose registration has failed.

    One that was taken back already is a BUG.
    """
    device = k.abi.view("miscdevice")(k.mem, misc)
    entry = misc + k.abi.offset("miscdevice", "list")
    if k.mem.u64(entry) == entry:
        k.trouble.warn("misc_deregister")
        return
    k.trouble.might_sleep("misc_deregister()")
    mutex = k.provider.address("misc_mtx")
    mutex_lock(k, mutex)
    __list_del_entry_valid(k, entry)
    after, before = k.mem.u64(entry), k.mem.u64(entry + 8)
    k.mem.put64(after + 8, before)
    k.mem.put64(before, after)
    k.mem.put64(entry, k.abi.const["LIST_POISON1"])
    k.mem.put64(entry + 8, k.abi.const["LIST_POISON2"])
    core.destroy(k, k.provider.address("kmodrun_misc_class"), _dev(k, device.minor))
    _take(k, DYNAMIC_MINORS - 1 - device.minor, False)
    mutex_unlock(k, mutex)
    k.resources.remove(_KIND, misc)
