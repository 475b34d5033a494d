"""Parameters of a module: struct kernel_param in guest memory, and the kernel's own ways to set and to show each type.

The type of a parameter is known by the address of its ops: param_ops_int and the like are data of the kernel. A module
may bring ops of its own; then set and get are guest functions, and set_parameter() answers which one to call instead of
calling it.
Linux: kernel/params.c; include/linux/moduleparam.h, 6.1
"""

from collections.abc import Callable
from errno import EINVAL, ENOMEM, ENOSPC, ERANGE, EROFS
from typing import Protocol

from runtime.abi import Abi
from runtime.errors import Unsupported
from runtime.loader.args import same_name
from runtime.loader.host import Memory
from runtime.loader.numbers import INTEGERS, parse_bool, parse_integer
from runtime.loader.refused import KERN_ERR, KERN_NOTICE

ARRAY = "array"
BOOLS = ("bool", "invbool", "bool_enable_only", "bint")
_NO_ARGUMENT = ("bool", "bool_enable_only", "bint")
KINDS = (*INTEGERS, *BOOLS, "charp", "string")
FL_UNSAFE, OPS_FL_NOARG = 1, 1
MAX_STRING = 1024
TAINT_USER = 1 << 6
PAGE = 4096


class Param:
    """One struct kernel_param. virt: where it lies; arg: its variable, or its kparam_string or kparam_array."""

    __slots__ = ("arg", "flags", "level", "name", "ops", "perm", "virt")

    def __init__(self, virt: int, name: str, ops: int, perm: int, flags: int, arg: int) -> None:
        self.virt, self.name, self.ops, self.perm, self.flags, self.arg = virt, name, ops, perm, flags, arg


class GuestSet:
    """The parameter has a set function of its own: call fn(value, param.virt), value 0 for a bare name."""

    __slots__ = ("fn", "param")

    def __init__(self, fn: int, param: Param) -> None:
        self.fn, self.param = fn, param


class Keeper(Protocol):
    """What setting a parameter needs of the machine."""

    def log(self, level: int, text: str) -> None: ...

    def add_taint(self, bits: int) -> None: ...

    def keep_string(self, old: int, size: int) -> int:
        """Allocate size bytes for a charp (kmalloc, GFP_KERNEL), and free old where it was made here. Return: virt, or
        0 on scarcity.
        """


def kinds(find: Callable[[str], int | None]) -> dict[int, str]:
    """Make the table ops address -> kind. find(name) gives the address of a kernel data symbol."""
    table = {}
    for kind in KINDS:
        virt = find(f"param_ops_{kind}")
        if virt:
            table[virt] = kind
    virt = find("param_array_ops")
    if virt:
        table[virt] = ARRAY
    return table


def read_param(mem: Memory, abi: Abi, virt: int) -> Param:
    """Read one struct kernel_param."""
    at = abi.struct("kernel_param")[1]
    name = str(mem.cstr(mem.u64(virt + at["name"][0]), PAGE), "utf-8", "backslashreplace")
    ops, arg = mem.u64(virt + at["ops"][0]), mem.u64(virt + at["arg"][0])
    return Param(virt, name, ops, mem.u16(virt + at["perm"][0]), mem.u8(virt + at["flags"][0]), arg)


def read_params(mem: Memory, abi: Abi, section: tuple[int, int] | None) -> list[Param]:
    """Read a module's __param section, given as (virt, bytes)."""
    virt, size = section or (0, 0)
    step = abi.sizeof("kernel_param")
    return [read_param(mem, abi, at) for at in range(virt, virt + size - step + 1, step)]


def find_param(params: list[Param], name: str) -> Param | None:
    """Find a parameter by the name that the user gave."""
    return next((param for param in params if same_name(param.name, name)), None)


class Setter:
    """Sets and shows parameters in one machine's memory. table: kinds()."""

    def __init__(self, mem: Memory, abi: Abi, table: dict[int, str], keeper: Keeper) -> None:
        self.mem, self.abi, self.table, self.keeper = mem, abi, table, keeper

    def set_parameter(self, param: Param, value: bytes | None) -> int | GuestSet:
        """Set from the text that insmod or sysfs gave. Return: 0, -errno, or the guest function to call."""
        kind = self.table.get(param.ops)
        if value is None and not self._no_argument(param, kind):
            return -EINVAL
        if param.flags & FL_UNSAFE:
            self.keeper.log(KERN_NOTICE, f"Setting dangerous option {param.name} - tainting kernel")
            self.keeper.add_taint(TAINT_USER)
        if kind is not None:
            return self.set_kind(kind, param, value)
        return GuestSet(self.mem.u64(param.ops + self.abi.offset("kernel_param_ops", "set")), param)

    def is_array(self, param: Param) -> bool:
        """Tell whether the parameter takes a list."""
        return self.table.get(param.ops) == ARRAY

    def _no_argument(self, param: Param, kind: str | None) -> bool:
        """Tell whether the name alone will do."""
        if kind is None:
            return bool(self.mem.u32(param.ops + self.abi.offset("kernel_param_ops", "flags")) & OPS_FL_NOARG)
        return kind in _NO_ARGUMENT

    def set_kind(self, kind: str, param: Param, value: bytes | None) -> int:
        """Set as param_set_<kind>() does; also for a set function of the module that calls it. Return: 0 or -errno."""
        if kind == ARRAY:
            return self._set_array(param, value or b"")
        if kind == "string":
            return self._set_string(param, value or b"")
        return self._set_scalar(kind, param.name, param.arg, value)

    def _set_scalar(self, kind: str, name: str, arg: int, value: bytes | None) -> int:
        if kind in BOOLS:
            return self._set_bool(kind, arg, value)
        if value is None:
            return -EINVAL
        if kind == "charp":
            return self._set_charp(name, arg, value)
        size, signed, _ = INTEGERS[kind]
        number = parse_integer(value, size, signed)
        if isinstance(number, str):
            return -(ERANGE if number == "range" else EINVAL)
        self.mem.write(arg, (number & (1 << 8 * size) - 1).to_bytes(size, "little"))
        return 0

    def _set_bool(self, kind: str, arg: int, value: bytes | None) -> int:
        new = parse_bool(b"1" if value is None else value)
        if new is None:
            return -EINVAL
        if kind == "bool_enable_only":
            if not new:
                return -EROFS if self.mem.u8(arg) else 0
        elif kind == "invbool":
            new = not new
        self.mem.write(arg, int(new).to_bytes(4 if kind == "bint" else 1, "little"))
        return 0

    def _set_charp(self, name: str, arg: int, value: bytes) -> int:
        if len(value) > MAX_STRING:
            self.keeper.log(KERN_ERR, f"{name}: string parameter too long")
            return -ENOSPC
        virt = self.keeper.keep_string(self.mem.u64(arg), len(value) + 1)
        if not virt:
            return -ENOMEM
        self.mem.write(virt, value + b"\0")
        self.mem.put64(arg, virt)
        return 0

    def _set_string(self, param: Param, value: bytes) -> int:
        room = self.mem.u32(param.arg + self.abi.offset("kparam_string", "maxlen"))
        if len(value) >= room:
            self.keeper.log(KERN_ERR, f"{param.name}: string doesn't fit in {room - 1} chars.")
            return -ENOSPC
        self.mem.write(self.mem.u64(param.arg + self.abi.offset("kparam_string", "string")), value + b"\0")
        return 0

    def _set_array(self, param: Param, value: bytes) -> int:
        room, size, num, kind, elem = self._array(param)
        self._count(num, 0)
        for done, item in enumerate(value.split(b",")):
            if done == room:
                self.keeper.log(KERN_ERR, f"{param.name}: can only take {room} arguments")
                return -EINVAL
            error = self._set_scalar(kind, param.name, elem + done * size, item)
            if error:
                return error
            self._count(num, done + 1)
        return 0

    def _array(self, param: Param) -> tuple[int, int, int, str, int]:
        """(largest count, bytes of an element, where the count goes or 0, kind, first element) of a kparam_array."""
        mem, at = self.mem, {name: place for name, (place, _) in self.abi.struct("kparam_array")[1].items()}
        kind = self.table.get(mem.u64(param.arg + at["ops"]))
        if kind is None or kind in (ARRAY, "string"):
            raise Unsupported(f"parameter {param.name}: an array whose elements have a set function of their own")
        room, size = mem.u32(param.arg + at["max"]), mem.u32(param.arg + at["elemsize"])
        return room, size, mem.u64(param.arg + at["num"]), kind, mem.u64(param.arg + at["elem"])

    def _count(self, num: int, value: int) -> None:
        if num:
            self.mem.put32(num, value)

    def text(self, param: Param) -> str | None:
        """Show the value as /sys/module/NAME/parameters/* does, newline included; None where a guest function must be
        asked.
        """
        kind = self.table.get(param.ops)
        if kind is None:
            return None
        if kind == ARRAY:
            room, size, num, of, elem = self._array(param)
            count = self.mem.u32(num) if num else room
            return ",".join(self._scalar(of, elem + i * size) for i in range(count)) + "\n" * (count > 0)
        if kind == "string":
            return self._string(self.mem.u64(param.arg + self.abi.offset("kparam_string", "string"))) + "\n"
        return self.kind_text(kind, param.arg)

    def kind_text(self, kind: str, arg: int) -> str:
        """Show a variable as param_get_<kind>() does."""
        return self._scalar(kind, arg) + "\n"

    def _scalar(self, kind: str, arg: int) -> str:
        if kind == "charp":
            pointer = self.mem.u64(arg)
            return self._string(pointer) if pointer else "(null)"
        if kind in ("bool", "bool_enable_only"):
            return "Y" if self.mem.u8(arg) else "N"
        if kind == "invbool":
            return "N" if self.mem.u8(arg) else "Y"
        size, signed, form = INTEGERS["int" if kind == "bint" else kind]
        return form % int.from_bytes(self.mem.read(arg, size), "little", signed=signed)

    def _string(self, virt: int) -> str:
        return str(self.mem.cstr(virt, PAGE - 2), "utf-8", "backslashreplace")
