"""Relocations of x86-64 modules: a formula per type, applied to the bytes of an image.

S is the symbol's value, A the addend, P the place that is patched. S and P are signed 64-bit numbers, as kernel
addresses are negative then: struct.pack raises where a result does not fit its field, so that nothing is cut silently.
Linux: arch/x86/kernel/module.c, __apply_relocate_add(), 6.1; types: System V psABI, x86-64
"""

import struct
from collections.abc import Callable, Iterable, Sequence

from runtime.loader.elf import Rela, Symbol
from runtime.loader.refused import KERN_ERR, Refused, refused

Formula = Callable[[int, int, int], int]


class Rel:
    """How one relocation type computes its field."""

    __slots__ = ("checked", "field", "formula", "size", "zero")

    def __init__(self, field: str, formula: Formula, checked: bool = True) -> None:
        self.field, self.formula, self.checked = struct.Struct(field), formula, checked
        self.size = self.field.size
        self.zero = bytes(self.size)


R_X86_64_NONE, R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32 = 0, 1, 2, 4
R_X86_64_32, R_X86_64_32S, R_X86_64_PC64 = 10, 11, 24

# checked: Linux compares the field with the whole result and logs an overflow.
RELS: dict[int, Rel] = {
    R_X86_64_64: Rel("<q", lambda S, A, P: S + A),
    R_X86_64_PC32: Rel("<i", lambda S, A, P: S + A - P, checked=False),
    R_X86_64_PLT32: Rel("<i", lambda S, A, P: S + A - P, checked=False),
    R_X86_64_32: Rel("<I", lambda S, A, P: S + A),
    R_X86_64_32S: Rel("<i", lambda S, A, P: S + A),
    R_X86_64_PC64: Rel("<q", lambda S, A, P: S + A - P),
}
# An instruction adds such a field to the address of the next one: 4 bytes behind the field, if it is the last part.
RELATIVE, FROM_NEXT = (R_X86_64_PC32, R_X86_64_PLT32), 4
_TYPES = {R_X86_64_NONE: "NONE", 1: "64", 2: "PC32", 4: "PLT32", 10: "32", 11: "32S", 24: "PC64"}
_MASK = (1 << 64) - 1


def signed(value: int) -> int:
    """Turn an address or register of 64 bits into the signed number of the same bits."""
    return (value & _MASK ^ 1 << 63) - (1 << 63)


class Target:
    """The section that is patched: where it lies in its image, and which address it gets."""

    __slots__ = ("image", "name", "offset", "size", "virt")

    def __init__(self, name: str, image: bytearray, offset: int, size: int, virt: int) -> None:
        self.name, self.image, self.offset, self.size, self.virt = name, image, offset, size, virt


def relocate(
    target: Target, relas: Iterable[Rela], values: Sequence[int], symbols: Sequence[Symbol], module: str
) -> None:
    """Apply all relocations of one section to its image.

    values[i] is the final value of symbol i, signed.
    Raises: Refused (ENOEXEC) for a type without a row, a result that does not fit, a target outside or already written,
    naming section, offset and symbol.
    """
    image, base, place, size, rows = target.image, target.offset, signed(target.virt), target.size, RELS
    for offset, info, addend in relas:
        row = rows.get(info & 0xFFFFFFFF)
        at = base + offset
        try:
            if row is None or offset + row.size > size or image[at : at + row.size] != row.zero:
                if info & 0xFFFFFFFF == R_X86_64_NONE:
                    continue
                raise _refusal(target, (offset, info, addend), values, symbols, module)
            row.field.pack_into(image, at, row.formula(values[info >> 32], addend, place + offset))
        except (struct.error, IndexError):
            raise _refusal(target, (offset, info, addend), values, symbols, module) from None


def _refusal(target: Target, rela: Rela, values: Sequence[int], symbols: Sequence[Symbol], module: str) -> Refused:
    """Say what is wrong with a relocation, as Linux does where it would notice."""
    offset, info, addend = rela
    kind, index = info & 0xFFFFFFFF, info >> 32
    where = f"section {target.name}+{offset:#x}"
    row = RELS.get(kind)
    if row is None:
        return refused(
            f"{where}: unknown relocation type {kind}", (KERN_ERR, f"module: {module}: Unknown rela relocation: {kind}")
        )
    if index >= len(values):
        return refused(f"{where}: the relocation names symbol {index}, the module has {len(values)}")
    if offset + row.size > target.size:
        return refused(f"{where}: the relocation lies outside of the section, which has {target.size:#x} bytes")
    where += f", symbol {_label(symbols[index])}, type R_X86_64_{_TYPES[kind]}"
    place = target.virt + offset
    value = row.formula(values[index], addend, signed(place)) & _MASK
    at = target.offset + offset
    if target.image[at : at + row.size] != row.zero:
        return refused(f"{where}: the place to relocate is not zero", (KERN_ERR, _nonzero_line(kind, place, value)))
    lines = (
        (KERN_ERR, f"module: overflow in relocation type {kind} val {value:x}"),
        (KERN_ERR, f"module: `{module}' likely not compiled with -mcmodel=kernel"),
    )
    return refused(f"{where}: overflow, {value:#x} does not fit into {row.size} bytes", *(lines if row.checked else ()))


def _label(symbol: Symbol) -> str:
    return symbol[0] or f"of section {symbol[5]}"


def _nonzero_line(kind: int, place: int, value: int) -> str:
    head = "module: x86/modules: Skipping invalid relocation target, existing value is nonzero"
    return f"{head} for type {kind}, loc {place:016x}, val {value:x}"
