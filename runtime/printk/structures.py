"""%pR, %pG, %pd, %pg, %pV ...: structures of the kernel.

Linux: lib/vsprintf.c, resource_string(), flags_string(), dentry_name(), va_format(), 6.1
"""

from collections.abc import Iterable
from typing import Any

from runtime.errors import Unsupported
from runtime.printk.arguments import CopiedArguments
from runtime.printk.flags import GFP, PAGE, PAGE_FIELDS, VMA
from runtime.printk.number import SMALL, SPECIAL, ZEROPAD, Spec, number, text
from runtime.printk.problem import checked, problem, said
from runtime.units import Virt

_HEX = Spec(SPECIAL | SMALL)
_IO, _MEM, _BUS = Spec(SPECIAL | SMALL | ZEROPAD, 6), Spec(SPECIAL | SMALL | ZEROPAD, 10), Spec(SMALL | ZEROPAD, 2)
_TYPES = (
    ("IORESOURCE_IO", b"io  ", 16, _IO),
    ("IORESOURCE_MEM", b"mem ", 16, _MEM),
    ("IORESOURCE_IRQ", b"irq ", 10, Spec()),
    ("IORESOURCE_DMA", b"dma ", 10, Spec()),
    ("IORESOURCE_BUS", b"bus ", 16, _BUS),
)
_NOTES = (
    ("IORESOURCE_MEM_64", b" 64bit"),
    ("IORESOURCE_PREFETCH", b" pref"),
    ("IORESOURCE_WINDOW", b" window"),
    ("IORESOURCE_DISABLED", b" disabled"),
)


@checked
def resource(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pR: `[mem 0x00001000-0x00001fff 64bit]`; %pr: with the flags as a number."""
    const, view = printer.abi.const, printer.abi.view("resource")(printer.mem, pointer)
    flags, decode = view.flags, letters[:1] == b"R"
    found = next((row[1:] for row in _TYPES if flags & const[row[0]]), None)
    name, base, form = found or (b"??? ", 16, _MEM)
    decode = decode and found is not None
    out = b"[" + name
    if decode and flags & const["IORESOURCE_UNSET"]:
        out += b"size " + number(view.end - view.start + 1 & (1 << 64) - 1, base, form)
    else:
        out += number(view.start, base, form)
        out += b"" if view.start == view.end else b"-" + number(view.end, base, form)
    if decode:
        out += b"".join([note for flag, note in _NOTES if flags & const[flag]])
    else:
        out += b" flags " + number(flags, 16, _HEX)
    return text(out + b"]", spec)


@checked
def flags(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pGp, %pGg, %pGv: flags of a page, of an allocation, of a mapping, passed by reference."""
    kind, mem, const = letters[1:2], printer.mem, printer.abi.const
    if kind == b"p":
        return _page_flags(mem.u64(pointer), const)
    if kind == b"v":
        return _named(mem.u64(pointer), [(const[macro], name) for macro, name in VMA])
    if kind == b"g":
        return _named(mem.u32(pointer), [(const[name], name) for name in GFP])
    return said(b"(%pG?)", spec)


def _named(value: int, names: Iterable[tuple[int, str]]) -> bytes:
    """Names of flags, those of several bits first, and what is left as a number."""
    parts = []
    for mask, name in names:
        if not value:
            break
        if value & mask == mask:
            parts.append(name.encode())
            value &= ~mask
    return b"|".join([*parts, number(value, 16, _HEX)] if value else parts)


def _page_flags(value: int, const: dict[str, int]) -> bytes:
    main = value & (1 << const["NR_PAGEFLAGS"]) - 1
    parts = [_named(main, [(1 << const[bit], name) for bit, name in PAGE])] if main else []
    for field, name, base in PAGE_FIELDS:
        if const[field + "_WIDTH"]:
            content = value >> const[field + "_PGSHIFT"] & const[field + "_MASK"]
            parts.append(name.encode() + b"=" + number(content, base, _HEX if base == 16 else Spec()))
    return number(value, 16, _HEX) + b"(" + b"|".join(parts) + b")"


def dentry(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pd: the last component of a path; %pd2 to %pd4: the last two to four."""
    depth = letters[1] - 0x30 if letters[1:2] in (b"2", b"3", b"4") else 1
    names: list[bytes] = []
    view = printer.abi.view("dentry")
    for _ in range(depth):
        wrong = problem(pointer)
        if wrong:
            return said(wrong, spec)
        entry = view(printer.mem, pointer)
        if entry.d_parent == pointer:
            names.append(b"" if names else printer.mem.cstr(entry.d_name.name))
            break
        names.append(printer.mem.cstr(entry.d_name.name))
        pointer = entry.d_parent
    return text(b"/".join(reversed(names)), spec)


@checked
def file(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pD: as %pd, of an open file."""
    where = pointer + printer.abi.offset("file", "f_path.dentry")
    return dentry(printer, printer.mem.u64(where), spec, letters)


@checked
def block_device(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pg: the disk's name and the number of the partition: sda1, nvme0n1p1."""
    device = printer.abi.view("block_device")(printer.mem, pointer)
    name = printer.mem.cstr(printer.abi.view("gendisk")(printer.mem, device.bd_disk).disk_name)
    out = text(name, spec)
    if device.bd_partno:
        out += (b"p" if name[-1:].isdigit() else b"") + number(device.bd_partno, 10, spec)
    return out


@checked
def va_format(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pV: another format with its own arguments, which are copied: the caller may use them again."""
    inner = printer.abi.view("va_format")(printer.mem, pointer)
    rendered: bytes = printer.format(printer.mem.cstr(inner.fmt), CopiedArguments(printer.mem, inner.va_))
    return rendered


def device_node(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pOF: a kernel without device trees has nothing to say."""
    return said(b"(%pOF?)" if letters[1:2] == b"F" else b"(%pO?)", spec)


def firmware_node(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pfw: a node without operations has no name.

    Raises: Unsupported for one that has: its operations are functions to be called.
    """
    if letters[1:2] != b"w":
        return said(b"(%pf?)", spec)
    wrong = problem(pointer)
    if wrong:
        return said(wrong, spec)
    if printer.abi.view("fwnode_handle")(printer.mem, pointer).ops:
        raise Unsupported("%pfw of a node with operations")
    null = text(b"(null)", Spec(spec.flags, -1, spec.precision))
    return text(null if letters[2:3] == b"P" else b"(null)(null)", spec._replace(precision=-1))


@checked
def clock(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pC: the name of a clock. Raises: Unsupported, there are no clocks."""
    raise Unsupported("%pC: there are no clocks")
