"""%p and what may follow it: which letter means what, and the plain kinds of pointer.

A converter gets the printf that it works for, the pointer, the Spec, and the letters behind %p (itself included). Like
Linux, it looks at the pointer's value before it follows it; a pointer that looks right and is not mapped faults.
Linux: lib/vsprintf.c, pointer(), 6.1
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from runtime.memory import Memory
from runtime.printk.number import SIGN, SMALL, ZEROPAD, Spec, number, text
from runtime.printk.problem import FIRST_ERROR, problem, said
from runtime.units import Virt

_DIGITS = 16


class Symbolic(Protocol):
    """The symbol that an address lies in."""

    @property
    def name(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def module(self) -> str | None: ...


class Printer(Protocol):
    """What converters need of the printf that they work for."""

    mem: Memory
    abi: Any
    symbol: Callable[[Virt], Symbolic | None]
    key: tuple[int, int]
    hash_pointers: bool

    def hashed(self, pointer: Virt) -> int:
        """The number that stands for a pointer."""

    def format(self, fmt: bytes, args: Any) -> bytes:
        """What a format makes of its arguments."""

    def warn(self, site: str, *args: int | str) -> None:
        """The kernel says WARN() at this site."""


Converter = Callable[[Any, Virt, Spec, bytes], bytes]


def hash_pointer(pointer: Virt, key: tuple[int, int]) -> int:
    """32 bits that stand for a pointer, always the same ones; NULL and error pointers stand for themselves."""
    from runtime.printk.siphash import siphash_1u64

    return siphash_1u64(pointer, key) & 0xFFFFFFFF if 0 < pointer < FIRST_ERROR else pointer


def hexadecimal(value: int, spec: Spec) -> bytes:
    """A pointer's digits: 16 of them where the format gives no width."""
    flags, width, precision = spec
    if width == -1:
        flags, width = flags | ZEROPAD, _DIGITS
    return number(value, 16, Spec(flags | SMALL, width, precision))


def _default(printer: Printer, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    return hexadecimal(printer.hashed(pointer) if printer.hash_pointers else pointer, spec)


def _plain(printer: Printer, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    return hexadecimal(pointer, spec)


def _error(printer: Printer, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    if pointer < FIRST_ERROR:
        return _default(printer, pointer, spec, letters)
    from runtime.printk.errname import errname

    name = errname((1 << 64) - pointer)
    if name is not None:
        return text(b"-" + name, spec)
    return number(pointer - (1 << 64), 10, spec._replace(flags=spec.flags | SIGN))


def _symbol(printer: Printer, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pS, %ps; %pB takes the address for a return address: it names the instruction before."""
    back = letters[:1] == b"B"
    found = printer.symbol(pointer - back)
    if found is None:
        return text(b"0x%x" % pointer, spec)
    name = found.name.encode()
    if letters[:1] != b"s":
        name += b"+%#x/%#x" % (found.offset + back, found.size)
    if found.module:
        name += b" [" + found.module.encode() + b"]"
    return text(name, spec)


def _probed_string(printer: Printer, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pks and %pus, which tracing knows as strings of kernel and user memory; here they are %s."""
    return string(printer, pointer, spec) if letters[1:2] == b"s" else said(b"(einval)", spec)


def _rust(printer: Printer, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    printer.warn("vsprintf_rust")
    return said(b"(%pA?)", spec)


def string(printer: Printer, pointer: Virt, spec: Spec) -> bytes:
    """%s. At most precision bytes are read."""
    wrong = problem(pointer)
    if wrong:
        return said(wrong, spec)
    return text(printer.mem.cstr(pointer, spec.precision if spec.precision >= 0 else None), spec)


_HERE: dict[int, Converter] = {
    **dict.fromkeys(b"SsB", _symbol),
    **dict.fromkeys(b"ku", _probed_string),
    ord("K"): _default,
    ord("A"): _rust,
    ord("x"): _plain,
    ord("e"): _error,
}
# The rest is imported when a format first asks for it: most modules never do.
_ELSEWHERE = {
    "Rr": "structures.resource",
    "Mm": "network.mac",
    "Ii": "network.ip",
    "h": "buffers.hexadecimal",
    "b": "buffers.bitmap",
    "E": "buffers.escaped",
    "U": "buffers.uuid",
    "4": "buffers.fourcc",
    "N": "buffers.netdev_bits",
    "a": "buffers.address",
    "t": "time.time",
    "V": "structures.va_format",
    "d": "structures.dentry",
    "D": "structures.file",
    "g": "structures.block_device",
    "C": "structures.clock",
    "G": "structures.flags",
    "O": "structures.device_node",
    "f": "structures.firmware_node",
}


def converter(letters: bytes) -> Converter:
    """The converter for the letters and digits behind %p."""
    first = letters[:1].decode("latin-1")
    for known, place in _ELSEWHERE.items():
        if first and first in known:
            module, _, name = place.partition(".")
            found: Converter = getattr(import_module(f"runtime.printk.{module}"), name)
            return found
    return _HERE.get(ord(first), _default) if first else _default
