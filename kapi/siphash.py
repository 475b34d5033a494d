"""siphash.h: keyed hashes of 64 bits; half siphash, on 64-bit machines, is siphash with one round and three.

Linux: lib/siphash.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import const_void_p, pointer, size_t, u32, u64
from runtime.kernel import Kernel

siphash_key_p = Annotated[int, pointer("siphash_key_t")]
_MASK = (1 << 64) - 1
_FULL, _HALF = (2, 4), (1, 3)
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def _left(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & _MASK


def _mix(v0: int, v1: int, v2: int, v3: int, rounds: int) -> tuple[int, int, int, int]:
    for _ in range(rounds):
        v0 = v0 + v1 & _MASK
        v1 = _left(v1, 13) ^ v0
        v0 = _left(v0, 32)
        v2 = v2 + v3 & _MASK
        v3 = _left(v3, 16) ^ v2
        v0 = v0 + v3 & _MASK
        v3 = _left(v3, 21) ^ v0
        v2 = v2 + v1 & _MASK
        v1 = _left(v1, 17) ^ v2
        v2 = _left(v2, 32)
    return v0, v1, v2, v3


def digest(key: tuple[int, int], data: bytes, rounds: tuple[int, int]) -> int:
    """The hash of data: rounds[0] for each word of 8 bytes, rounds[1] at the end."""
    v0, v1, v2, v3 = (start ^ key[index & 1] for index, start in enumerate(_START))
    tail = len(data) & 7
    words = data + bytes(7 - tail) + bytes([len(data) & 0xFF])
    for at in range(0, len(words), 8):
        word = int.from_bytes(words[at : at + 8], "little")
        v0, v1, v2, v3 = _mix(v0, v1, v2, v3 ^ word, rounds[0])
        v0 ^= word
    return _xor(_mix(v0, v1, v2 ^ 0xFF, v3, rounds[1]))


def _xor(state: tuple[int, int, int, int]) -> int:
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _hash(k: Kernel, key: int, data: bytes, rounds: tuple[int, int] = _FULL) -> int:
    return digest((k.mem.u64(key), k.mem.u64(key + 8)), data, rounds)


def _words(*words: int) -> bytes:
    return b"".join(word.to_bytes(8, "little") for word in words)


def _halves(*words: int) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in words)


@export
def __siphash_unaligned(k: Kernel, data: const_void_p, len: size_t, key: siphash_key_p) -> u64:
    return _hash(k, key, k.mem.read(data, len))


@export
def siphash_1u64(k: Kernel, first: u64, key: siphash_key_p) -> u64:
    return _hash(k, key, _words(first))


@export
def siphash_2u64(k: Kernel, first: u64, second: u64, key: siphash_key_p) -> u64:
    return _hash(k, key, _words(first, second))


@export
def siphash_3u64(k: Kernel, first: u64, second: u64, third: u64, key: siphash_key_p) -> u64:
    return _hash(k, key, _words(first, second, third))


@export
def siphash_4u64(k: Kernel, first: u64, second: u64, third: u64, forth: u64, key: siphash_key_p) -> u64:
    return _hash(k, key, _words(first, second, third, forth))


@export
def siphash_1u32(k: Kernel, first: u32, key: siphash_key_p) -> u64:
    return _hash(k, key, _halves(first))


@export
def siphash_3u32(k: Kernel, first: u32, second: u32, third: u32, key: siphash_key_p) -> u64:
    return _hash(k, key, _halves(first, second, third))


@export
def __hsiphash_unaligned(k: Kernel, data: const_void_p, len: size_t, key: siphash_key_p) -> u32:
    return _hash(k, key, k.mem.read(data, len), _HALF)


@export
def hsiphash_1u32(k: Kernel, first: u32, key: siphash_key_p) -> u32:
    return _hash(k, key, _halves(first), _HALF)


@export
def hsiphash_2u32(k: Kernel, first: u32, second: u32, key: siphash_key_p) -> u32:
    return _hash(k, key, _halves(first, second), _HALF)


@export
def hsiphash_3u32(k: Kernel, first: u32, second: u32, third: u32, key: siphash_key_p) -> u32:
    return _hash(k, key, _halves(first, second, third), _HALF)


@export
def hsiphash_4u32(k: Kernel, first: u32, second: u32, third: u32, forth: u32, key: siphash_key_p) -> u32:
    return _hash(k, key, _halves(first, second, third, forth), _HALF)
