"""crypto/algapi.h: comparing and combining buffers in a time that does not depend on what they hold.

Linux: crypto/memneq.c, crypto/algapi.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import const_void_p, pointer, size_t, unsigned_int, unsigned_long
from runtime.kernel import Kernel

u8_p = Annotated[int, pointer("u8")]


@export
def __crypto_memneq(k: Kernel, a: const_void_p, b: const_void_p, size: size_t) -> unsigned_long:
    """Return: 0 where the buffers are equal, else the bits in which their words differ, all together."""
    one, two = k.mem.read(a, size), k.mem.read(b, size)
    differing = 0
    whole = size & ~7
    for at in range(0, whole, 8):
        differing |= int.from_bytes(one[at : at + 8], "little") ^ int.from_bytes(two[at : at + 8], "little")
    for at in range(whole, size):
        differing |= one[at] ^ two[at]
    return differing


@export
def __crypto_xor(k: Kernel, dst: u8_p, src1: u8_p, src2: u8_p, size: unsigned_int) -> None:
    """dst = src1 ^ src2."""
    number = int.from_bytes(k.mem.read(src1, size), "little") ^ int.from_bytes(k.mem.read(src2, size), "little")
    k.mem.write(dst, number.to_bytes(size, "little"))
