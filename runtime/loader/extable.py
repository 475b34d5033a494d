"""Tables of a module that others interpret: here they are only found, and sorted as the kernel does after relocation.

Linux: lib/extable.c, sort_extable(); arch/x86/include/asm/extable.h, 6.1
"""

from itertools import pairwise
from struct import Struct

_ENTRY = Struct("<iii")


def sort_extable(image: bytearray, offset: int, size: int) -> None:
    """Sort __ex_table by the instruction's address, in place. A displacement counts from its own field."""
    count = size // _ENTRY.size
    entries = list(_ENTRY.iter_unpack(image[offset : offset + count * _ENTRY.size]))
    absolute = [(insn + 12 * i, fixup + 12 * i, data) for i, (insn, fixup, data) in enumerate(entries)]
    if any(a[0] > b[0] for a, b in pairwise(absolute)):
        absolute.sort(key=lambda entry: entry[0])
        for i, (insn, fixup, data) in enumerate(absolute):
            _ENTRY.pack_into(image, offset + 12 * i, _wrap(insn - 12 * i), _wrap(fixup - 12 * i), data)


def _wrap(displacement: int) -> int:
    """Keep 32 bits, signed: only a damaged table has more."""
    return (displacement + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
