"""%ph, %pb, %pE, %pU, %p4cc, %pa: bytes, bits and numbers that lie in memory.

Linux: lib/vsprintf.c, hex_string(), bitmap_string(), bitmap_list_string(), escaped_string(), uuid_string(), 6.1
"""

from collections.abc import Iterator
from typing import Any

from runtime.printk.escape import ANY, HEX, NULLS, OCTAL, PRINTABLE, SPACES, SPECIALS, escape
from runtime.printk.number import Spec, special_hex, text
from runtime.printk.problem import checked, problem, said
from runtime.units import Virt

_HEX_LIMIT = 64  # bytes
_SEPARATOR = {b"C": ":", b"D": "-", b"N": ""}
_ESCAPES = dict(zip(b"achnops", (ANY, SPECIALS, HEX, NULLS, OCTAL, PRINTABLE, SPACES), strict=True))
_LITTLE_ENDIAN = (3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15)


def hexadecimal(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%*ph: width bytes, at most 64."""
    if spec.width == 0:
        return b""
    wrong = problem(pointer)
    if wrong:
        return said(wrong, spec)
    string = printer.mem.read(pointer, min(spec.width, _HEX_LIMIT) if spec.width > 0 else 1)
    return _SEPARATOR.get(letters[1:2], " ").join(f"{byte:02x}" for byte in string).encode()


def escaped(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%*pE: width bytes, those that do not print escaped; the letters say how."""
    if spec.width == 0:
        return b""
    wrong = problem(pointer)
    if wrong:
        return said(wrong, spec)
    flags = 0
    for letter in letters[1:]:
        if letter not in _ESCAPES:
            break
        flags |= _ESCAPES[letter]
    return escape(printer.mem.read(pointer, max(spec.width, 1)), flags or ANY | PRINTABLE)


@checked
def bitmap(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%*pb: width bits in groups of 32, the highest first; %*pbl: a list of ranges."""
    count = max(spec.width, 0)
    if not count:
        return b""
    bits = int.from_bytes(printer.mem.read(pointer, (count + 63) // 64 * 8), "little") & (1 << count) - 1
    if letters[1:2] == b"l":
        return b",".join(b"%d" % first if first == last else b"%d-%d" % (first, last) for first, last in _runs(bits))
    groups = [b"%08x" % (bits >> at & 0xFFFFFFFF) for at in range((count - 1) // 32 * 32, -1, -32)]
    highest = (count % 32 + 3) // 4 or 8
    return b",".join([groups[0][-highest:], *groups[1:]])


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    """The first and last bit of each run of ones."""
    at = 0
    while bits >> at:
        rest = bits >> at
        first = at + (rest & -rest).bit_length() - 1
        gap = ~(bits >> first)
        at = first + (gap & -gap).bit_length() - 1
        yield first, at - 1


@checked
def uuid(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pU[bBlL]: a UUID, or a GUID, whose first three fields are little-endian; in capitals where the letter is one."""
    raw = printer.mem.read(pointer, 16)
    if letters[1:2] in (b"l", b"L"):
        raw = bytes(raw[i] for i in _LITTLE_ENDIAN)
    digits = raw.hex()
    out = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return text((out.upper() if letters[1:2] in (b"B", b"L") else out).encode(), spec)


def fourcc(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%p4cc: the four characters that name a video format, its byte order and its number."""
    if letters[1:3] != b"cc":
        return said(b"(%p4?)", spec)
    wrong = problem(pointer)
    if wrong:
        return said(wrong, spec)
    code = int.from_bytes(printer.mem.read(pointer, 4), "little")
    name = bytes(char if 0x20 <= char < 0x7F else 0x2E for char in (code & 0x7FFFFFFF).to_bytes(4, "little"))
    order = b"big-endian" if code >> 31 else b"little-endian"
    return text(b"%b %b (%b)" % (name, order, special_hex(code, 4)), spec)


@checked
def netdev_bits(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pNF: the features of a network device."""
    return special_hex(printer.mem.u64(pointer), 8) if letters[1:2] == b"F" else said(b"(%pN?)", spec)


@checked
def address(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pa[p], %pad: a physical or DMA address, passed by reference."""
    return special_hex(printer.mem.u64(pointer), 8)
