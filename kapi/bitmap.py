"""bitmap.h: what is done to whole bitmaps, arrays of unsigned long, bits counted from the lowest of the first word.

Linux: lib/bitmap.c, 6.1
"""

from collections.abc import Callable
from errno import EBUSY, EINVAL, ENOMEM, EOVERFLOW, ERANGE
from typing import Annotated

from kapi.registry import export
from runtime.c import (
    bool_,
    const_char_p,
    gfp_t,
    int_,
    pointer,
    u32,
    u64,
    unsigned_int,
    unsigned_long,
)
from runtime.kernel import Kernel

bitmap_p = Annotated[int, pointer("bitmap")]
u32_p = Annotated[int, pointer("u32")]
_WORD, _U32 = (1 << 64) - 1, (1 << 32) - 1
_BETWEEN = b", \t\v\f\r\xa0"  # what separates the regions of a list
_END = {b"", *(bytes([c]) for c in _BETWEEN)}


def _words(nbits: int) -> int:
    return (nbits + 63) // 64


def _load(k: Kernel, bitmap: int, nbits: int) -> int:
    """All words of a bitmap of nbits, as one number; what is beyond nbits is in there."""
    return int.from_bytes(k.mem.read(bitmap, 8 * _words(nbits)), "little")


def _store(k: Kernel, bitmap: int, nbits: int, value: int) -> None:
    """Write all words."""
    size = 8 * _words(nbits)
    k.mem.write(bitmap, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))


def _mask(nbits: int) -> int:
    return (1 << nbits) - 1


# Allocation


@export
def bitmap_alloc(k: Kernel, nbits: unsigned_int, flags: gfp_t) -> bitmap_p:
    """kmalloc() of a bitmap of nbits. Return: NULL on scarcity."""
    return k.slab.kmalloc(8 * _words(nbits), flags)


@export
def bitmap_zalloc(k: Kernel, nbits: unsigned_int, flags: gfp_t) -> bitmap_p:
    """bitmap_alloc() of zeros."""
    return k.slab.kmalloc(8 * _words(nbits), flags | k.abi.const["__GFP_ZERO"])


@export
def bitmap_alloc_node(k: Kernel, nbits: unsigned_int, flags: gfp_t, node: int_) -> bitmap_p:
    return bitmap_alloc(k, nbits, flags)


@export
def bitmap_zalloc_node(k: Kernel, nbits: unsigned_int, flags: gfp_t, node: int_) -> bitmap_p:
    return bitmap_zalloc(k, nbits, flags)


@export
def bitmap_free(k: Kernel, bitmap: bitmap_p) -> None:
    k.slab.kfree(bitmap)


# Bits of one bitmap


def _change(k: Kernel, bitmap: int, start: int, count: int, change: Callable[[int, int], int]) -> None:
    """Let change(words, mask) decide about the words that hold count bits from start on; mask has those bits."""
    if count <= 0:
        return
    first = start & ~63
    at, size = bitmap + first // 8, start + count - first
    _store(k, at, size, change(_load(k, at, size), _mask(count) << start - first))


@export
def __bitmap_set(k: Kernel, map: bitmap_p, start: unsigned_int, len: int_) -> None:
    """Set len bits from start on."""
    _change(k, map, start, len, int.__or__)


@export
def __bitmap_clear(k: Kernel, map: bitmap_p, start: unsigned_int, len: int_) -> None:
    """Clear len bits from start on."""
    _change(k, map, start, len, lambda words, mask: words & ~mask)


@export
def __bitmap_complement(k: Kernel, dst: bitmap_p, src: bitmap_p, nbits: unsigned_int) -> None:
    """All bits of src, the other way round: those beyond nbits in the last word, too."""
    _store(k, dst, nbits, ~_load(k, src, nbits))


@export
def __bitmap_shift_right(k: Kernel, dst: bitmap_p, src: bitmap_p, shift: unsigned_int, nbits: unsigned_int) -> None:
    """Move bits towards bit 0."""
    _store(k, dst, nbits, (_load(k, src, nbits) & _mask(nbits)) >> shift)


@export
def __bitmap_shift_left(k: Kernel, dst: bitmap_p, src: bitmap_p, shift: unsigned_int, nbits: unsigned_int) -> None:
    """Move bits away from bit 0; what passes nbits within the last word is kept there."""
    _store(k, dst, nbits, _load(k, src, nbits) << shift)


@export
def bitmap_cut(
    k: Kernel, dst: bitmap_p, src: bitmap_p, first: unsigned_int, cut: unsigned_int, nbits: unsigned_int
) -> None:
    """Take cut bits from first on away; those above move down."""
    bits = _load(k, src, nbits)
    _store(k, dst, nbits, bits & _mask(first) | bits >> first + cut << first)


# Two bitmaps


@export
def __bitmap_and(k: Kernel, dst: bitmap_p, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> bool_:
    """dst = bitmap1 & bitmap2. Return: is any bit set?"""
    bits = _load(k, bitmap1, nbits) & _load(k, bitmap2, nbits)
    return _store_cut(k, dst, nbits, bits)


@export
def __bitmap_andnot(k: Kernel, dst: bitmap_p, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> bool_:
    """dst = bitmap1 & ~bitmap2. Return: is any bit set?"""
    bits = _load(k, bitmap1, nbits) & ~_load(k, bitmap2, nbits)
    return _store_cut(k, dst, nbits, bits)


def _store_cut(k: Kernel, dst: int, nbits: int, bits: int) -> int:
    """Store only bits below nbits. Return: is any set?"""
    _store(k, dst, nbits, bits & _mask(nbits))
    return int(bits & _mask(nbits) != 0)


@export
def __bitmap_or(k: Kernel, dst: bitmap_p, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> None:
    _store(k, dst, nbits, _load(k, bitmap1, nbits) | _load(k, bitmap2, nbits))


@export
def __bitmap_xor(k: Kernel, dst: bitmap_p, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> None:
    _store(k, dst, nbits, _load(k, bitmap1, nbits) ^ _load(k, bitmap2, nbits))


@export
def __bitmap_replace(
    k: Kernel, dst: bitmap_p, old: bitmap_p, new: bitmap_p, mask: bitmap_p, nbits: unsigned_int
) -> None:
    """Bits of new where mask has a bit, of old elsewhere."""
    chosen = _load(k, mask, nbits)
    _store(k, dst, nbits, _load(k, old, nbits) & ~chosen | _load(k, new, nbits) & chosen)


@export
def __bitmap_equal(k: Kernel, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> bool_:
    return int((_load(k, bitmap1, nbits) ^ _load(k, bitmap2, nbits)) & _mask(nbits) == 0)


@export
def __bitmap_intersects(k: Kernel, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> bool_:
    return int(_load(k, bitmap1, nbits) & _load(k, bitmap2, nbits) & _mask(nbits) != 0)


@export
def __bitmap_subset(k: Kernel, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> bool_:
    """Is every bit of bitmap1 set in bitmap2?"""
    return int(_load(k, bitmap1, nbits) & ~_load(k, bitmap2, nbits) & _mask(nbits) == 0)


@export
def __bitmap_weight_and(k: Kernel, bitmap1: bitmap_p, bitmap2: bitmap_p, nbits: unsigned_int) -> unsigned_int:
    return (_load(k, bitmap1, nbits) & _load(k, bitmap2, nbits) & _mask(nbits)).bit_count()


# Areas and regions


@export
def bitmap_find_next_zero_area_off(
    k: Kernel, map: bitmap_p, size: unsigned_long, start: unsigned_long, nr: unsigned_int,
    align_mask: unsigned_long, align_offset: unsigned_long,
) -> unsigned_long:  # fmt: skip
    """Find nr clear bits from start on, at an index whose sum with align_offset has no bit of align_mask.

    Return: the index; a number above size where there are none.
    """
    bits = _load(k, map, size) & _mask(size)
    while True:
        free = ~bits & _mask(size) & ~_mask(start)
        index = (free & -free).bit_length() - 1 if free else size
        index = (index + align_offset + align_mask & ~align_mask & _WORD) - align_offset
        if index + nr > size:
            return index + nr
        taken = bits >> index & _mask(nr)
        if not taken:
            return index
        start = index + (taken & -taken).bit_length()


def _region(pos: int, order: int) -> int:
    return _mask(1 << order) << pos


@export
def bitmap_find_free_region(k: Kernel, bitmap: bitmap_p, bits: unsigned_int, order: int_) -> int_:
    """Find 2**order clear bits, aligned to their number, and set them. Return: the first; -ENOMEM for none."""
    value = _load(k, bitmap, bits)
    for pos in range(0, bits - (1 << order) + 1, 1 << order):
        if not value & _region(pos, order):
            __bitmap_set(k, bitmap, pos, 1 << order)
            return pos
    return -ENOMEM


@export
def bitmap_release_region(k: Kernel, bitmap: bitmap_p, pos: unsigned_int, order: int_) -> None:
    __bitmap_clear(k, bitmap, pos, 1 << order)


@export
def bitmap_allocate_region(k: Kernel, bitmap: bitmap_p, pos: unsigned_int, order: int_) -> int_:
    """Set 2**order bits from pos on. Return: 0; -EBUSY where one is set."""
    first = pos & ~63
    value = _load(k, bitmap + first // 8, pos - first + (1 << order))
    if value & _region(pos - first, order):
        return -EBUSY
    __bitmap_set(k, bitmap, pos, 1 << order)
    return 0


# Other forms


@export
def bitmap_from_arr32(k: Kernel, bitmap: bitmap_p, buf: u32_p, nbits: unsigned_int) -> None:
    """From an array of u32; bits beyond nbits are cleared."""
    _store(k, bitmap, nbits, int.from_bytes(k.mem.read(buf, 4 * ((nbits + 31) // 32)), "little") & _mask(nbits))


@export
def bitmap_to_arr32(k: Kernel, buf: u32_p, bitmap: bitmap_p, nbits: unsigned_int) -> None:
    size = 4 * ((nbits + 31) // 32)
    k.mem.write(buf, (_load(k, bitmap, nbits) & _mask(nbits)).to_bytes(size, "little"))


# A list as text: "0-3,8,16-31:2/4"


@export
def bitmap_parselist(k: Kernel, buf: const_char_p, maskp: bitmap_p, nmaskbits: int_) -> int_:
    """Set exactly the bits that a list names. Return: -EINVAL, -EOVERFLOW, -ERANGE; the bits before the mistake are set
    then.
    """
    value, error = parse_list(k.mem.cstr(buf), nmaskbits)
    _store(k, maskp, nmaskbits, value)
    return error


def parse_list(text: bytes, nbits: int) -> tuple[int, int]:
    """(bits, 0 or -errno) of a list of ranges, `start-end:used/group`, that ends at a newline if there is one."""
    value, rest = 0, text.split(b"\n")[0]
    while rest := rest.lstrip(_BETWEEN):
        try:
            start, end, used, group, rest = _parse_region(rest, nbits - 1)
        except _Refused as refused:
            return value, -refused.errno
        if start > end or not group or used > group:
            return value, -EINVAL
        if end >= nbits:
            return value, -ERANGE
        for first in range(start, end + 1, group):
            value |= _mask(min(end - first + 1, used)) << first
    return value, 0


class _Refused(Exception):
    def __init__(self, errno: int) -> None:
        self.errno = errno


def _parse_region(text: bytes, last: int) -> tuple[int, int, int, int, bytes]:
    """(first, last, bits set in each group, bits of a group, what follows)."""
    if text[:3].lower() == b"all":
        start, end, text = 0, last, text[3:]
    else:
        start, text = _number(text, last)
        if text[:1] in _END:
            return start, start, start + 1 & _U32, start + 1 & _U32, text
        end, text = _number(_after(text, b"-"), last)
    if text[:1] in _END:
        return start, end, end + 1 & _U32, end + 1 & _U32, text
    used, text = _number(_after(text, b":"), last)
    group, text = _number(_after(text, b"/"), last)
    return start, end, used, group, text


def _after(text: bytes, mark: bytes) -> bytes:
    if not text.startswith(mark):
        raise _Refused(EINVAL)
    return text[1:]


def _number(text: bytes, last: int) -> tuple[int, bytes]:
    """A decimal number, or N for the last bit, and what follows it."""
    if text[:1] == b"N":
        return last, text[1:]
    rest = text.lstrip(b"0123456789")
    if rest == text:
        raise _Refused(EINVAL)
    number = int(text[: len(text) - len(rest)])
    if number >> 32:
        raise _Refused(EOVERFLOW)
    return number, rest


# Counting, for CPUs without popcnt


@export
def __sw_hweight8(k: Kernel, w: unsigned_int) -> unsigned_int:
    return (w & 0xFF).bit_count()


@export
def __sw_hweight16(k: Kernel, w: unsigned_int) -> unsigned_int:
    return (w & 0xFFFF).bit_count()


@export
def __sw_hweight32(k: Kernel, w: u32) -> unsigned_int:
    return w.bit_count()


@export
def __sw_hweight64(k: Kernel, w: u64) -> unsigned_long:
    return w.bit_count()
