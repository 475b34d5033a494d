"""stringhash.h: hashes of names. They depend on the address that salts them.

Linux: fs/namei.c, full_name_hash(), 6.1
"""

from kapi.registry import export
from runtime.c import const_char_p, const_void_p, u64, unsigned_int
from runtime.kernel import Kernel

_MASK = (1 << 64) - 1
_GOLDEN = 0x61C8864680B583EB


def _left(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & _MASK


def name_hash(salt: int, name: bytes) -> int:
    """By words of 8 bytes; the last one, of what is left, only by what it is."""
    x, y = 0, salt
    whole = len(name) & ~7
    words = [name[at : at + 8] for at in range(0, whole, 8)] + ([name[whole:]] if len(name) & 7 else [])
    for index, word in enumerate(words):
        x ^= int.from_bytes(word, "little")
        if 8 * index < whole:
            y ^= x
            x = _left(x, 12) + y & _MASK
            y = _left(y, 45) * 9 & _MASK
    y = (y ^ x * _GOLDEN & _MASK) * _GOLDEN & _MASK
    return y >> 32


@export
def full_name_hash(k: Kernel, salt: const_void_p, name: const_char_p, len: unsigned_int) -> unsigned_int:
    """Of the first len bytes, NUL or not."""
    return name_hash(salt, k.mem.read(name, len))


@export
def hashlen_string(k: Kernel, salt: const_void_p, name: const_char_p) -> u64:
    """The hash in the low half, the length of the string in the high one."""
    text = k.mem.cstr(name)
    return len(text) << 32 | name_hash(salt, text)
