"""miscdevice.h: character devices of one minor number each. They can be registered; nobody opens them here.

Linux: drivers/char/misc.c, 6.1
"""

from errno import EBUSY, ENOMEM
from typing import Annotated, Any

from kapi.list_debug import __list_add_valid, __list_del_entry_valid
from kapi.registry import export, export_data, may_fail
from runtime.c import int_, pointer
from runtime.devices import core
from runtime.devices import misc as boot
from runtime.devices.misc import DYNAMIC_MINORS, registered
from runtime.devices.numbers import MINOR_BITS
from runtime.errors import Unsupported
from runtime.kernel import Kernel

miscdevice_p = Annotated[int, pointer("miscdevice")]
_KIND = "misc device"
_ALL_TAKEN = (1 << DYNAMIC_MINORS) - 1


@export_data("list_head", static=True)
def misc_list(k: Kernel, at: int) -> None:
    """The devices, the newest first (a variable of Linux's that modules cannot see)."""
    boot.write_boot(k, at)


@export_data(DYNAMIC_MINORS // 8, static=True)
def misc_minors(k: Kernel, at: int) -> None:
    """Bit n: minor 127 - n has been handed out."""
    k.mem.put64(at, boot.BOOT_MINORS)
    k.mem.put64(at + 8, 0)


@export_data("mutex", static=True)
def misc_mtx(k: Kernel, at: int) -> None:
    """Held while the list is changed: for ever, where the list is found corrupted."""
    k.mem.fill(at, k.abi.sizeof("mutex"), 0)


@export_data("class", static=True)
def kmodrun_misc_class(k: Kernel, at: int) -> None:
    """The class of all of them."""
    name = k.image.variable("kmodrun_misc_class_name", 8)
    k.mem.write(name, b"misc\0")
    k.mem.put64(at + k.abi.offset("class", "name"), name)


def _lock(k: Kernel, what: str) -> int:
    """Take misc_mtx, whose first word is its owner. Return: its address."""
    k.trouble.might_sleep(what)
    mutex = k.provider.address("misc_mtx")
    if k.mem.u64(mutex):
        k.trouble.deadlock(mutex, "mutex")
    k.mem.put64(mutex, k.current.struct)
    return mutex


def _failed(k: Kernel, misc: int, error: int) -> None:
    """What a call that fails leaves in the structure."""
    _alone(k, misc)
    if error != -EBUSY:
        k.mem.put64(misc + k.abi.offset("miscdevice", "this_device"), error)


def _alone(k: Kernel, misc: int) -> int:
    """INIT_LIST_HEAD(). Return: the address of its list entry."""
    entry = misc + k.abi.offset("miscdevice", "list")
    k.mem.put64(entry, entry)
    k.mem.put64(entry + 8, entry)
    return entry


@export
@may_fail(-ENOMEM, -EBUSY, refused=_failed)
def misc_register(k: Kernel, misc: miscdevice_p) -> int_:
    """Register a device; minor MISC_DYNAMIC_MINOR is replaced by the highest free one below 128.

    Return: 0; -EBUSY where the minor is taken, or all are; -EEXIST where the name is; -ENOMEM.
    Finding: bad-argument for a name or number that is taken in sysfs; sleep-in-atomic.
    """
    device, entry = k.abi.view("miscdevice")(k.mem, misc), _alone(k, misc)
    mutex = _lock(k, "misc_register()")
    wanted = device.minor
    minor = _dynamic(k) if wanted == k.abi.const["MISC_DYNAMIC_MINOR"] else _fixed(k, wanted)
    result = -EBUSY if minor is None else _add(k, device, entry, minor, wanted)
    k.mem.put64(mutex, 0)
    return result


def _fixed(k: Kernel, minor: int) -> int | None:
    """The minor that a device asks for; None where another has it."""
    at = k.abi.offset("miscdevice", "minor")
    return None if any(k.mem.i32(other + at) == minor for other in registered(k)) else minor


def _dynamic(k: Kernel) -> int | None:
    """The highest minor that has not been handed out, whoever has asked for it as a fixed one; None: all have been."""
    at = k.provider.address("misc_minors")
    taken = k.mem.u64(at) | k.mem.u64(at + 8) << 64
    if taken == _ALL_TAKEN:
        return None
    lowest = ~taken & taken + 1
    _put_minors(k, taken | lowest)
    return DYNAMIC_MINORS - lowest.bit_length()


def _give_minor(k: Kernel, minor: int) -> None:
    """Let a minor be handed out again; others have no bit."""
    at = k.provider.address("misc_minors")
    if 0 <= minor < DYNAMIC_MINORS:
        taken = k.mem.u64(at) | k.mem.u64(at + 8) << 64
        _put_minors(k, taken & ~(1 << DYNAMIC_MINORS - 1 - minor))


def _put_minors(k: Kernel, taken: int) -> None:
    at = k.provider.address("misc_minors")
    k.mem.put64(at, taken)
    k.mem.put64(at + 8, taken >> 64)


def _add(k: Kernel, device: Any, entry: int, minor: int, wanted: int) -> int:
    """Make its struct device, and put it into the list. Return: 0 or -errno."""
    if device.groups:
        raise Unsupported("misc_register() with attribute groups")
    device.minor, name = minor, k.mem.cstr(device.name) if device.name else None
    made = core.create(k, k.provider.address("kmodrun_misc_class"), device.parent, _dev(k, minor), device.va, name)
    device.this_device = made
    if made < 0 or name is None:
        if wanted != minor:
            _give_minor(k, minor)
            device.minor = wanted
        return made
    head = k.provider.address("misc_list")
    first = k.mem.u64(head)
    __list_add_valid(k, entry, head, first)
    k.mem.put64(first + 8, entry)
    k.mem.put64(entry, first)
    k.mem.put64(entry + 8, head)
    k.mem.put64(head, entry)
    k.resources.add(_KIND, name.decode("utf-8", "backslashreplace"), device.va, k.mm.stack())
    return 0


def _dev(k: Kernel, minor: int) -> int:
    return (k.abi.const["MISC_MAJOR"] << MINOR_BITS | minor) & 0xFFFFFFFF


@export
def misc_deregister(k: Kernel, misc: miscdevice_p) -> None:
    """Take a device back. Finding: bad-argument, with a WARN, for one whose registration has failed.

    One that was taken back already is a BUG.
    """
    entry = misc + k.abi.offset("miscdevice", "list")
    if k.mem.u64(entry) == entry:
        k.trouble.warn("misc_deregister")
        return
    mutex = _lock(k, "misc_deregister()")
    __list_del_entry_valid(k, entry)
    after, before = k.mem.u64(entry), k.mem.u64(entry + 8)
    k.mem.put64(after + 8, before)
    k.mem.put64(before, after)
    k.mem.put64(entry, k.abi.const["LIST_POISON1"])
    k.mem.put64(entry + 8, k.abi.const["LIST_POISON2"])
    minor = k.mem.i32(misc + k.abi.offset("miscdevice", "minor"))
    core.destroy(k, k.provider.address("kmodrun_misc_class"), _dev(k, minor))
    _give_minor(k, minor)
    k.mem.put64(mutex, 0)
    k.resources.remove(_KIND, misc)
