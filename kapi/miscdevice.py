"""miscdevice.h: character devices of one minor number each. They can be registered; nobody opens them here.

Linux: drivers/char/misc.c, 6.1
"""

from errno import EBUSY, ENOMEM
from functools import partial
from struct import Struct
from typing import Annotated

from kapi.list_debug import __list_add_valid, __list_del_entry_valid
from kapi.registry import export, export_data, has_from_boot, may_fail
from runtime.c import int_, pointer
from runtime.devices import core
from runtime.devices import misc as boot
from runtime.devices.misc import DYNAMIC_MINORS, layout, registered
from runtime.errors import Unsupported
from runtime.kernel import Kernel

miscdevice_p = Annotated[int, pointer("miscdevice")]
has_from_boot(__name__, partial(core.cache_of, struct="device"))
_KIND = "misc device"
_PAIR = Struct("<QQ")  # a struct list_head
_ALL_TAKEN, _MINORS_SIZE = (1 << DYNAMIC_MINORS) - 1, DYNAMIC_MINORS // 8


@export_data("list_head", static=True)
def misc_list(k: Kernel, at: int) -> None:
    """The devices, the newest first (a variable of Linux's that modules cannot see)."""
    boot.write_boot(k, at)


@export_data(_MINORS_SIZE, static=True)
def misc_minors(k: Kernel, at: int) -> None:
    """Bit n: minor 127 - n has been handed out."""
    k.mem.write(at, boot.BOOT_MINORS.to_bytes(_MINORS_SIZE, "little"))


@export_data("mutex", static=True)
def misc_mtx(k: Kernel, at: int) -> None:
    """Held while the list is changed: for ever, where the list is found corrupted."""
    k.mem.fill(at, k.abi.sizeof("mutex"), 0)


@export_data("class", static=True)
def kmodrun_misc_class(k: Kernel, at: int) -> None:
    """The class of all of them."""
    name = k.image.variable("kmodrun_misc_class_name", 8)
    k.mem.write(name, boot.CLASS.encode() + b"\0")
    k.mem.put64(at + k.abi.offset("class", "name"), name)


def _lock(k: Kernel, what: str) -> boot.Places:
    """Take misc_mtx, which nobody may hold. Nobody else runs until it is given back: only who fails leaves it held.

    Return: where the variables are.
    """
    if k.mm.in_atomic():
        k.trouble.might_sleep(what)
    places = k.devices.misc[0]
    if k.ram.u64[places.mutex >> 3]:
        k.trouble.deadlock(k.provider.address("misc_mtx"), "mutex")
    return places


def _find(k: Kernel) -> None:
    """Look up where the variables of this file are."""
    if not k.devices.misc:
        virt, phys = k.provider.address, k.provider.phys
        head, cls = virt("misc_list"), virt("kmodrun_misc_class")
        k.devices.misc.append(boot.Places(phys("misc_mtx"), phys("misc_minors"), head, phys("misc_list"), cls))


has_from_boot(__name__, _find)


def _failed(k: Kernel, misc: int, error: int) -> None:
    """What a call that fails leaves in the structure."""
    at = layout(k.abi)
    entry = misc + at.list
    k.mem.write(entry, _PAIR.pack(entry, entry))
    if error != -EBUSY:
        k.mem.put64(misc + at.this_device, error)


@export
@may_fail(-ENOMEM, -EBUSY, refused=_failed)
def misc_register(k: Kernel, misc: miscdevice_p) -> int_:
    """Register a device; minor MISC_DYNAMIC_MINOR is replaced by the highest free one below 128.

    Return: 0; -EBUSY where the minor is taken, or all are; -EEXIST where the name is; -ENOMEM.
    Finding: bad-argument for a name or number that is taken in sysfs; sleep-in-atomic.
    """
    entry = misc + layout(k.abi).list
    k.mem.write(entry, _PAIR.pack(entry, entry))  # INIT_LIST_HEAD()
    places = _lock(k, "misc_register()")
    try:
        return _register(k, misc, entry, places)
    except BaseException:
        k.ram.put64(places.mutex, k.current.struct)
        raise


def _register(k: Kernel, misc: int, entry: int, places: boot.Places) -> int:
    """Find a minor, make a struct device, and put it into the list. Return: 0 or -errno."""
    at, mem = layout(k.abi), k.mem
    wanted, name_at, parent, groups = at.whole.unpack(mem.read(misc, at.whole.size))
    dynamic = wanted == at.dynamic
    minor = _dynamic(k, places.minors) if dynamic else _fixed(k, wanted & 0xFFFFFFFF)
    if minor is None:
        return -EBUSY
    if groups:
        raise Unsupported("misc_register() with attribute groups")
    name = mem.cstr(name_at) if name_at else None
    if dynamic:
        mem.put32(misc + at.minor, minor)
    made = core.create(k, places.cls, parent, at.first | minor, misc, name, boot.CLASS)
    mem.put64(misc + at.this_device, made)
    if made < 0 or name is None:
        if dynamic:
            _give_minor(k, minor, places.minors)
            mem.put32(misc + at.minor, wanted)
        return made
    head, first = places.list, k.ram.u64[places.list_phys >> 3]
    if not first or mem.u64(first + 8) != head or entry == first:
        __list_add_valid(k, entry, head, first)  # says what is wrong
    mem.put64(first + 8, entry)
    mem.write(entry, _PAIR.pack(first, head))
    k.ram.put64(places.list_phys, entry)
    k.resources.add(_KIND, name.decode("utf-8", "backslashreplace"), misc, k.mm.stack())
    return 0


def _fixed(k: Kernel, minor: int) -> int | None:
    """The minor that a device asks for; None where another has it."""
    at, u32 = layout(k.abi).minor, k.mem.u32
    for other in registered(k):
        if u32(other + at) == minor:
            return None
    return minor


def _dynamic(k: Kernel, at: int) -> int | None:
    """The highest minor that has not been handed out, whoever has asked for it as a fixed one; None: all have been.

    at: where misc_minors lies in RAM.
    """
    taken = int.from_bytes(k.ram.mem[at : at + _MINORS_SIZE], "little")
    if taken == _ALL_TAKEN:
        return None
    lowest = ~taken & taken + 1
    k.ram.write(at, (taken | lowest).to_bytes(_MINORS_SIZE, "little"))
    return DYNAMIC_MINORS - lowest.bit_length()


def _give_minor(k: Kernel, minor: int, at: int) -> None:
    """Let a minor be handed out again; those from DYNAMIC_MINORS on have no bit."""
    if minor < DYNAMIC_MINORS:
        taken = int.from_bytes(k.ram.mem[at : at + _MINORS_SIZE], "little")
        k.ram.write(at, (taken & ~(1 << DYNAMIC_MINORS - 1 - minor)).to_bytes(_MINORS_SIZE, "little"))


@export
def misc_deregister(k: Kernel, misc: miscdevice_p) -> None:
    """Take a device back. Finding: bad-argument, with a WARN, for one whose registration has failed.

    One that was taken back already is a BUG.
    """
    at, mem = layout(k.abi), k.mem
    entry = misc + at.list
    if mem.u64(entry) == entry:
        k.trouble.warn("misc_deregister")
        return
    places = _lock(k, "misc_deregister()")
    try:
        __list_del_entry_valid(k, entry)
        after, before = _PAIR.unpack(mem.read(entry, _PAIR.size))
        mem.put64(after + 8, before)
        mem.put64(before, after)
        mem.write(entry, at.poison)
        minor = mem.u32(misc + at.minor)
        core.destroy(k, places.cls, at.first | minor)
        _give_minor(k, minor, places.minors)
    except BaseException:
        k.ram.put64(places.mutex, k.current.struct)
        raise
    k.resources.remove(_KIND, misc)
