"""Typed views: a kernel structure in guest memory as a Python object.

    List = abi.view("list_head")
    head = List(mem, va)
    head.next, head.prev = va, va

Reading a member gives an int: signed where C says so, the value of a bit field, the address for a pointer. A nested
structure gives a view of it, an array its address. Assignment writes; to nested structures and arrays nothing can be
assigned. A member called like a Python keyword has an underscore behind its name (device.class_), and so have members
that are called va, size or mem (va_format.va_, kmem_cache.size_).

Types of members in the ABI file:
    u8 .. u64, i8 .. i64    an integer, an enumeration or a bool
    u32:5@3                 5 bits, starting at bit 3 (from the lowest) of the u32 at this offset
    *                       a pointer
    %list_head              a nested structure or union
    T[7]                    an array of 7, all dimensions multiplied
    #24                     24 bytes of something else
"""

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

_RESERVED = ("va", "size", "mem")


class View:
    """A structure at va of a guest memory. size: its bytes."""

    __slots__ = ("mem", "va")
    size = 0

    def __init__(self, mem: Any, va: int) -> None:
        self.mem = mem
        self.va = va

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.va:#x}>"


def attribute(member: str) -> str:
    """Return the name of a member's property."""
    return member + "_" if iskeyword(member) or member in _RESERVED else member


# One function per member, made from these: the fastest that Python offers without compiling text.
_READ: dict[str, Callable[[int], Callable[[Any], int]]] = {
    "u8": lambda at: lambda s: s.mem.u8(s.va + at),
    "u16": lambda at: lambda s: s.mem.u16(s.va + at),
    "u32": lambda at: lambda s: s.mem.u32(s.va + at),
    "u64": lambda at: lambda s: s.mem.u64(s.va + at),
    "i8": lambda at: lambda s: s.mem.i8(s.va + at),
    "i16": lambda at: lambda s: s.mem.i16(s.va + at),
    "i32": lambda at: lambda s: s.mem.i32(s.va + at),
    "i64": lambda at: lambda s: s.mem.i64(s.va + at),
}
_WRITE: dict[str, Callable[[int], Callable[[Any, int], None]]] = {
    "8": lambda at: lambda s, v: s.mem.put8(s.va + at, v),
    "16": lambda at: lambda s, v: s.mem.put16(s.va + at, v),
    "32": lambda at: lambda s, v: s.mem.put32(s.va + at, v),
    "64": lambda at: lambda s, v: s.mem.put64(s.va + at, v),
}


def make_view(
    name: str, size: int, members: dict[str, tuple[int, str]], view: Callable[[str], Any], word: int = 8
) -> type[View]:
    """Return the view class of a structure: one property for each member, each of functions made for its offset and
    type.

    view: gives the class of a nested structure, and is asked when such a member is first read. word: bytes of a
    pointer.
    """
    pointer = f"u{word * 8}"
    body: dict[str, Any] = {"__slots__": (), "size": size}
    for member, (offset, kind) in members.items():
        kind = pointer if kind == "*" else kind
        if kind in _READ:
            body[attribute(member)] = property(_READ[kind](offset), _WRITE[kind[1:]](offset))
        elif ":" in kind:
            body[attribute(member)] = _bit_field(offset, kind)
        elif kind[0] == "%" and kind[-1] != "]":
            body[attribute(member)] = _nested(offset, kind[1:], view)
        else:
            body[attribute(member)] = _place(offset)
    return type(name, (View,), body)


def _place(offset: int) -> property:
    return property(lambda s: s.va + offset)


def _nested(offset: int, name: str, view: Callable[[str], Any]) -> property:
    inner: Any = None

    def get(s: Any) -> Any:
        nonlocal inner
        if inner is None:
            inner = view(name)
        return inner(s.mem, s.va + offset)

    return property(get)


def _bit_field(offset: int, kind: str) -> property:
    plain, _, field = kind.partition(":")
    count, shift = map(int, field.split("@"))
    mask = (1 << count) - 1
    sign = 1 << count - 1 if plain[0] == "i" else 0
    read, write = _READ["u" + plain[1:]](offset), _WRITE[plain[1:]](offset)

    def get(s: Any) -> int:
        return ((read(s) >> shift & mask) ^ sign) - sign

    def put(s: Any, value: int) -> None:
        write(s, read(s) & ~(mask << shift) | (value & mask) << shift)

    return property(get, put)
