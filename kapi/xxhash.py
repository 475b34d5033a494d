"""xxhash.h: a fast hash of 32 or 64 bits. Both go by lanes of one word, four at a time, then by what is left.

Linux: lib/xxhash.c, 6.1
"""

from kapi.registry import export
from runtime.c import const_void_p, size_t, u32, u64
from runtime.kernel import Kernel

_P32 = (2654435761, 2246822519, 3266489917, 668265263, 374761393)
_P64 = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
_M32, _M64 = (1 << 32) - 1, (1 << 64) - 1


def _left(value: int, bits: int, width: int) -> int:
    return (value << bits | value >> width - bits) & (1 << width) - 1


def _words(data: bytes, size: int) -> list[int]:
    return [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]


def _lanes(data: bytes, seed: int, width: int) -> tuple[list[int], int]:
    """(the four lanes after all whole stripes, bytes that those are)."""
    p, mask, size = (_P32, _M32, 4) if width == 32 else (_P64, _M64, 8)
    lanes = [seed + p[0] + p[1] & mask, seed + p[1] & mask, seed, seed - p[0] & mask]
    whole = len(data) // (4 * size) * 4 * size
    for index, word in enumerate(_words(data[:whole], size)):
        lanes[index & 3] = _round(lanes[index & 3], word, width)
    return lanes, whole


def _round(lane: int, word: int, width: int) -> int:
    if width == 32:
        return _left(lane + word * _P32[1] & _M32, 13, 32) * _P32[0] & _M32
    return _left(lane + word * _P64[1] & _M64, 31, 64) * _P64[0] & _M64


def _joined(lanes: list[int], width: int) -> int:
    return sum(_left(lane, bits, width) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & (1 << width) - 1


def hash32(data: bytes, seed: int) -> int:
    """XXH32 of data. seed: 32 bits."""
    p = _P32
    lanes, at = _lanes(data, seed, 32)
    h = (_joined(lanes, 32) if at else seed + p[4]) + len(data) & _M32
    fours = at + (len(data) - at) // 4 * 4
    for word in _words(data[at:fours], 4):
        h = _left(h + word * p[2] & _M32, 17, 32) * p[3] & _M32
    for byte in data[fours:]:
        h = _left(h + byte * p[4] & _M32, 11, 32) * p[0] & _M32
    h = (h ^ h >> 15) * p[1] & _M32
    h = (h ^ h >> 13) * p[2] & _M32
    return h ^ h >> 16


def hash64(data: bytes, seed: int) -> int:
    """XXH64 of data. seed: 64 bits."""
    p = _P64
    lanes, at = _lanes(data, seed, 64)
    h = _joined(lanes, 64) if at else seed + p[4] & _M64
    for lane in lanes if at else ():
        h = (h ^ _round(0, lane, 64)) * p[0] + p[3] & _M64
    h = h + len(data) & _M64
    eights = at + (len(data) - at) // 8 * 8
    for word in _words(data[at:eights], 8):
        h = _left(h ^ _round(0, word, 64), 27, 64) * p[0] + p[3] & _M64
    if len(data) - eights >= 4:
        word = int.from_bytes(data[eights : eights + 4], "little")
        h = _left(h ^ word * p[0] & _M64, 23, 64) * p[1] + p[2] & _M64
        eights += 4
    for byte in data[eights:]:
        h = _left(h ^ byte * p[4] & _M64, 11, 64) * p[0] & _M64
    h = (h ^ h >> 33) * p[1] & _M64
    h = (h ^ h >> 29) * p[2] & _M64
    return h ^ h >> 32


@export
def xxh32(k: Kernel, input: const_void_p, length: size_t, seed: u32) -> u32:
    return hash32(k.mem.read(input, length), seed)


@export
def xxh64(k: Kernel, input: const_void_p, length: size_t, seed: u64) -> u64:
    return hash64(k.mem.read(input, length), seed)
