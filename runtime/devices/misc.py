"""Misc devices that a kernel has from boot on, in the guest's own list of them, and /proc/misc.

Linux: drivers/char/misc.c, 6.1; the devices are those of Debian's linux-image-6.1.0-56-amd64 in QEMU.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from struct import Struct, pack
from typing import TYPE_CHECKING, NamedTuple

from runtime.abi import Abi
from runtime.abi.packed import packed
from runtime.devices.boot_names import CLASSES
from runtime.devices.numbers import MINOR_BITS
from runtime.units import Phys, Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

DYNAMIC_MINORS = 128
# (minor, name), the newest first: each goes to the front of the list.
BOOT = (
    (125, "cpu_dma_latency"), (1, "psaux"), (126, "userfaultfd"), (231, "snapshot"), (183, "hw_random"),
    (127, "vga_arbiter"),
)  # fmt: skip
BOOT_MINORS = 0b111  # 127, 126 and 125: bit n is minor 127 - n
BOOT_NAMES = frozenset(
    [f"/devices/virtual/misc/{name}" for _, name in BOOT]
    + [f"/dev/char/10:{minor}" for minor, _ in BOOT]
    + [f"/class/{name}" for name in CLASSES]
)


CLASS = "misc"


class Places(NamedTuple):
    """Where the kernel's variables are: phys of misc_mtx and misc_minors, virt and phys of misc_list, virt of the class
    of all misc devices.
    """

    mutex: Phys
    minors: Phys
    list: Virt
    list_phys: Phys
    cls: Virt


class Layout(NamedTuple):
    """Offsets in struct miscdevice. whole: a struct miscdevice, of its minor, name, parent, groups.

    dynamic: the minor that asks for any; first: the number of a device with minor 0; poison: the list entry of one that
    was taken back.
    """

    minor: int
    list: int
    this_device: int
    whole: Struct
    dynamic: int
    first: int
    poison: bytes


@cache
def layout(abi: Abi) -> Layout:
    """Look it up, once."""
    at, const = abi.offset, abi.const
    return Layout(
        at("miscdevice", "minor"), at("miscdevice", "list"), at("miscdevice", "this_device"),
        packed(abi, "miscdevice", "minor", "name", "parent", "groups"), const["MISC_DYNAMIC_MINOR"],
        const["MISC_MAJOR"] << MINOR_BITS, pack("<QQ", const["LIST_POISON1"], const["LIST_POISON2"]),
    )  # fmt: skip


def write_boot(k: "Kernel", head: Virt) -> None:
    """Write the list as it is after boot: each of its devices, and its head."""
    size, at = k.abi.sizeof("miscdevice"), k.abi.offset("miscdevice", "list")
    first = k.image.variable("kmodrun_misc_devices", size * len(BOOT))
    names = k.image.variable("kmodrun_misc_names", sum(len(name) + 1 for _, name in BOOT))
    links = [head, *(first + index * size + at for index in range(len(BOOT))), head]
    for index, (minor, name) in enumerate(BOOT):
        device = k.abi.view("miscdevice")(k.mem, first + index * size)
        device.minor, device.name = minor, names
        k.mem.write(names, name.encode() + b"\0")
        names += len(name) + 1
    for before, after in pairwise(links):
        k.mem.put64(before, after)
        k.mem.put64(after + 8, before)


def registered(k: "Kernel") -> Iterator[Virt]:
    """Every struct miscdevice, the newest first."""
    at, head = k.abi.offset("miscdevice", "list"), k.provider.address("misc_list")
    entry = k.mem.u64(head)
    while entry != head:
        yield entry - at
        entry = k.mem.u64(entry)


def proc_misc(k: "Kernel") -> str:
    """/proc/misc: minor and name of each."""
    lines = []
    for virt in registered(k):
        device = k.abi.view("miscdevice")(k.mem, virt)
        name = k.mem.cstr(device.name).decode("utf-8", "backslashreplace") if device.name else ""
        lines.append(f"{device.minor:3} {name}\n")
    return "".join(lines)
