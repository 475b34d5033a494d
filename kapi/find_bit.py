"""Searches in bitmaps: arrays of unsigned long, bits counted from the lowest of the first word.

Linux: lib/find_bit.c, include/linux/find.h, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import pointer, unsigned_int, unsigned_long
from runtime.kernel import Kernel

bitmap_p = Annotated[int, pointer("bitmap")]


def _bits(k: Kernel, bitmap: int, size: int) -> int:
    """The bitmap as one number, cut to size bits."""
    words = (size + 63) // 64
    return int.from_bytes(k.mem.read(bitmap, words * 8), "little") & (1 << size) - 1 if words else 0


def _first(bits: int, size: int, start: int = 0) -> int:
    """The lowest bit set from start on; size where there is none."""
    rest = bits >> start
    return min((rest & -rest).bit_length() - 1 + start, size) if rest and start < size else size


@export
def _find_first_bit(k: Kernel, addr: bitmap_p, size: unsigned_long) -> unsigned_long:
    return _first(_bits(k, addr, size), size)


@export
def _find_first_zero_bit(k: Kernel, addr: bitmap_p, size: unsigned_long) -> unsigned_long:
    return _first(~_bits(k, addr, size) & (1 << size) - 1, size)


@export
def _find_first_and_bit(k: Kernel, addr1: bitmap_p, addr2: bitmap_p, size: unsigned_long) -> unsigned_long:
    return _first(_bits(k, addr1, size) & _bits(k, addr2, size), size)


@export
def _find_next_bit(k: Kernel, addr: bitmap_p, size: unsigned_long, start: unsigned_long) -> unsigned_long:
    return _first(_bits(k, addr, size), size, start)


@export
def _find_next_zero_bit(k: Kernel, addr: bitmap_p, size: unsigned_long, start: unsigned_long) -> unsigned_long:
    return _first(~_bits(k, addr, size) & (1 << size) - 1, size, start)


@export
def _find_next_and_bit(
    k: Kernel, addr1: bitmap_p, addr2: bitmap_p, size: unsigned_long, start: unsigned_long
) -> unsigned_long:
    return _first(_bits(k, addr1, size) & _bits(k, addr2, size), size, start)


@export
def _find_next_andnot_bit(
    k: Kernel, addr1: bitmap_p, addr2: bitmap_p, size: unsigned_long, start: unsigned_long
) -> unsigned_long:
    return _first(_bits(k, addr1, size) & ~_bits(k, addr2, size), size, start)


@export
def _find_last_bit(k: Kernel, addr: bitmap_p, size: unsigned_long) -> unsigned_long:
    """Return: the highest bit set, size where there is none."""
    bits = _bits(k, addr, size)
    return bits.bit_length() - 1 if bits else size


@export
def __bitmap_weight(k: Kernel, bitmap: bitmap_p, nbits: unsigned_int) -> unsigned_int:
    """How many bits are set."""
    return _bits(k, bitmap, nbits).bit_count()
