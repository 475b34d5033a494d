"""crc32.h: cyclic redundancy checks of 32 bits. The caller gives the first remainder, and nothing is inverted here.

Linux: lib/crc32.c, 6.1
"""

import zlib
from functools import cache
from typing import Annotated

from kapi.registry import export
from runtime.c import pointer, size_t, u32
from runtime.kernel import Kernel

u8_p = Annotated[int, pointer("unsigned char const")]
_ALL = 0xFFFFFFFF
_BE = 0x04C11DB7
_CASTAGNOLI = 0x82F63B78  # bits reversed
_LE = 0xEDB88320


@cache
def _table_le(polynomial: int) -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
        table.append(byte)
    return table


@cache
def _table_be() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (_BE if crc >> 31 else 0)) & _ALL
        table.append(crc)
    return table


@export
def crc32_le(k: Kernel, crc: u32, p: u8_p, len: size_t) -> u32:
    """The usual polynomial, least significant bit first: what zlib computes, without its inversions."""
    return zlib.crc32(k.mem.read(p, len), crc ^ _ALL) ^ _ALL


@export
def __crc32c_le(k: Kernel, crc: u32, p: u8_p, len: size_t) -> u32:
    """Castagnoli's polynomial, least significant bit first."""
    table = _table_le(_CASTAGNOLI)
    for byte in k.mem.read(p, len):
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


@export
def crc32_be(k: Kernel, crc: u32, p: u8_p, len: size_t) -> u32:
    """The usual polynomial, most significant bit first."""
    table = _table_be()
    for byte in k.mem.read(p, len):
        crc = crc << 8 & _ALL ^ table[crc >> 24 ^ byte]
    return crc


def _times(x: int, y: int, polynomial: int) -> int:
    """The product of two polynomials, bits reversed, modulo a third."""
    product = x if y & 1 else 0
    for _ in range(31):
        product = product >> 1 ^ (polynomial if product & 1 else 0)
        y >>= 1
        product ^= x if y & 1 else 0
    return product


def _shift(crc: int, count: int, polynomial: int) -> int:
    """What the remainder becomes by count zero bytes, in as many steps as count has bits."""
    power = 1 << 23  # x to the 8th: one byte
    while count:
        if count & 1:
            crc = _times(crc, power, polynomial)
        power = _times(power, power, polynomial)
        count >>= 1
    return crc


@export
def crc32_le_shift(k: Kernel, crc: u32, len: size_t) -> u32:
    """The remainder behind len bytes of zero, by which remainders of two pieces are combined."""
    return _shift(crc, len, _LE)


@export
def __crc32c_le_shift(k: Kernel, crc: u32, len: size_t) -> u32:
    return _shift(crc, len, _CASTAGNOLI)
