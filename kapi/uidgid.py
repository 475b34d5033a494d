"""uidgid.h, user_namespace.h: the kernel's user ids as numbers of a namespace.

Linux: kernel/user_namespace.c, kernel/user.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import pointer, u32
from runtime.kernel import Kernel

user_namespace_p = Annotated[int, pointer("user_namespace")]
_NONE = 0xFFFFFFFF
_OVERFLOW = 65534  # what an id that cannot be expressed is shown as
_MAPS = ("uid_map", "gid_map", "projid_map")


@export_data(4, align=4)
def overflowuid(k: Kernel, at: int) -> None:
    """What an id of more than 16 bits is shown as to programs that know no others."""
    k.mem.put32(at, _OVERFLOW)


@export_data(4, align=4)
def overflowgid(k: Kernel, at: int) -> None:
    k.mem.put32(at, _OVERFLOW)


@export_data(4, align=4)
def fs_overflowuid(k: Kernel, at: int) -> None:
    """The same, for file systems that have no others."""
    k.mem.put32(at, _OVERFLOW)


@export_data(4, align=4)
def fs_overflowgid(k: Kernel, at: int) -> None:
    k.mem.put32(at, _OVERFLOW)


@export_data("user_namespace")
def init_user_ns(k: Kernel, at: int) -> None:
    """The first namespace: every id but the last is itself."""
    for name in _MAPS:
        map_at = at + k.abi.offset("user_namespace", name)
        k.mem.put32(map_at, 1)
        extent = k.abi.view("uid_gid_extent")(k.mem, map_at + k.abi.offset("uid_gid_map", "extent"))
        extent.first, extent.lower_first, extent.count = 0, 0, _NONE
    k.mem.put32(at + k.abi.offset("user_namespace", "ns.count"), 3)


def _mapped(k: Kernel, ns: int, name: str, value: int, source: str, target: str) -> int:
    """Translate an id by the extents of a map, (uid_t)-1 where none has it. source, target: first is the namespace,
    lower_first the kernel.

    Raises: GuestFault for a bad namespace.
    """
    map_at = ns + k.abi.offset("user_namespace", name)
    count = k.mem.u32(map_at)
    step = k.abi.sizeof("uid_gid_extent")
    first = map_at + k.abi.offset("uid_gid_map", "extent")
    if count > 5:  # UID_GID_MAP_MAX_BASE_EXTENTS: more lie elsewhere
        first = k.mem.u64(map_at + k.abi.offset("uid_gid_map", "forward"))
    for at in range(first, first + count * step, step):
        extent = k.abi.view("uid_gid_extent")(k.mem, at)
        if getattr(extent, source) <= value < getattr(extent, source) + extent.count:
            return value - int(getattr(extent, source)) + int(getattr(extent, target))
    return _NONE


def _up(k: Kernel, ns: int, name: str, value: int) -> int:
    return _mapped(k, ns, name, value, "lower_first", "first")


def _down(k: Kernel, ns: int, name: str, value: int) -> int:
    return _mapped(k, ns, name, value, "first", "lower_first")


# kuid_t and kgid_t are structures of one number, passed as it is.


@export
def make_kuid(k: Kernel, ns: user_namespace_p, uid: u32) -> u32:
    """The kernel's id of a namespace's uid, INVALID_UID where it has none."""
    return _down(k, ns, "uid_map", uid)


@export
def from_kuid(k: Kernel, targ: user_namespace_p, kuid: u32) -> u32:
    """The uid in a namespace, (uid_t)-1 where it has none."""
    return _up(k, targ, "uid_map", kuid)


@export
def from_kuid_munged(k: Kernel, targ: user_namespace_p, kuid: u32) -> u32:
    """The uid in a namespace, that of nobody where it has none."""
    uid = _up(k, targ, "uid_map", kuid)
    return _OVERFLOW if uid == _NONE else uid


@export
def make_kgid(k: Kernel, ns: user_namespace_p, gid: u32) -> u32:
    return _down(k, ns, "gid_map", gid)


@export
def from_kgid(k: Kernel, targ: user_namespace_p, kgid: u32) -> u32:
    """The gid in a namespace, (gid_t)-1 where it has none."""
    return _up(k, targ, "gid_map", kgid)


@export
def from_kgid_munged(k: Kernel, targ: user_namespace_p, kgid: u32) -> u32:
    gid = _up(k, targ, "gid_map", kgid)
    return _OVERFLOW if gid == _NONE else gid
