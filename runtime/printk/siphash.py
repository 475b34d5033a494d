"""SipHash-2-4 of one 64-bit word: how the kernel hides the value of a pointer that it prints.

Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
"""

_M = (1 << 64) - 1


def _rounds(v: tuple[int, int, int, int], count: int) -> tuple[int, int, int, int]:
    a, b, c, d = v
    for _ in range(count):
        a = a + b & _M
        b = (b << 13 | b >> 51) & _M ^ a
        a = (a << 32 | a >> 32) & _M
        c = c + d & _M
        d = (d << 16 | d >> 48) & _M ^ c
        a = a + d & _M
        d = (d << 21 | d >> 43) & _M ^ a
        c = c + b & _M
        b = (b << 17 | b >> 47) & _M ^ c
        c = (c << 32 | c >> 32) & _M
    return a, b, c, d


def siphash_1u64(word: int, key: tuple[int, int]) -> int:
    """The hash of 8 bytes, given as a little-endian number; key: two 64-bit numbers."""
    k0, k1 = key
    v = (k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573)
    for block in (word, 8 << 56):
        a, b, c, d = _rounds((v[0], v[1], v[2], v[3] ^ block), 2)
        v = (a ^ block, b, c, d)
    a, b, c, d = _rounds((v[0], v[1], v[2] ^ 0xFF, v[3]), 4)
    return a ^ b ^ c ^ d
