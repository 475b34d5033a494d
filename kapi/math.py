"""gcd.h, lcm.h, math.h, rational.h, reciprocal_div.h, bcd.h: whole numbers.

Linux: lib/math/gcd.c, lcm.c, int_sqrt.c, rational.c, reciprocal_div.c, lib/bcd.c, 6.1
"""

from math import gcd as _gcd
from math import isqrt
from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import pointer, u32, u64, unsigned_char, unsigned_int, unsigned_long
from runtime.kernel import Kernel

unsigned_long_p = Annotated[int, pointer("unsigned long")]
_ULONG_MAX = (1 << 64) - 1


@export
def gcd(k: Kernel, a: unsigned_long, b: unsigned_long) -> unsigned_long:
    """The greatest number that divides both; the other one, where one is 0."""
    return _gcd(a, b)


@export
def lcm(k: Kernel, a: unsigned_long, b: unsigned_long) -> unsigned_long:
    """The least number that both divide, modulo 2**64; 0 where one is 0."""
    return a // _gcd(a, b) * b if a and b else 0


@export
def lcm_not_zero(k: Kernel, a: unsigned_long, b: unsigned_long) -> unsigned_long:
    """lcm(); where that is 0, the one that is not."""
    return lcm(k, a, b) & _ULONG_MAX or b or a


@export
def int_sqrt(k: Kernel, x: unsigned_long) -> unsigned_long:
    """The square root, rounded down."""
    return isqrt(x)


@export
def rational_best_approximation(
    k: Kernel, given_numerator: unsigned_long, given_denominator: unsigned_long, max_numerator: unsigned_long,
    max_denominator: unsigned_long, best_numerator: unsigned_long_p, best_denominator: unsigned_long_p,
) -> None:  # fmt: skip
    """The fraction nearest to a given one whose numerator and denominator are not above their limits."""
    fraction = _best(given_numerator, given_denominator, max_numerator, max_denominator)
    k.mem.put64(best_numerator, fraction[0])
    k.mem.put64(best_denominator, fraction[1])


def _best(n: int, d: int, max_n: int, max_d: int) -> tuple[int, int]:
    """By the convergents of the continued fraction; (n0, d0) is the one before (n1, d1)."""
    n0, d0, n1, d1 = 0, 1, 1, 0
    while d:
        before, a = d, n // d
        n, d = d, n % d
        n2, d2 = n0 + a * n1, d0 + a * d1
        if n2 > max_n or d2 > max_d:
            return _between(n0, d0, n1, d1, before, d, a, max_n, max_d)
        n0, n1, d0, d1 = n1, n2, d1, d2
    return n1, d1


def _between(
    n0: int, d0: int, n1: int, d1: int, before: int, d: int, a: int, max_n: int, max_d: int
) -> tuple[int, int]:
    """The next convergent is beyond a limit: the largest semiconvergent below it, if it is nearer than the last one."""
    t = (max_d - d0) // d1 if d1 else _ULONG_MAX
    if n1:
        t = min(t, (max_n - n0) // n1)
    if not d1 or 2 * t > a or (2 * t == a and d0 * before > d1 * d):
        return n0 + t * n1, d0 + t * d1
    return n1, d1


@export
def reciprocal_value(k: Kernel, d: u32) -> u64:
    """struct reciprocal_value of a divisor, by which reciprocal_divide() multiplies: m, and the two shifts above it."""
    length = (d - 1).bit_length()
    m = (1 << 32) * ((1 << length) - d) // d + 1
    return m & 0xFFFFFFFF | min(length, 1) << 32 | max(length - 1, 0) << 40


@export
def _bcd2bin(k: Kernel, val: unsigned_char) -> unsigned_int:
    """Two decimal digits, four bits each, as a number."""
    return (val & 15) + (val >> 4) * 10


@export
def _bin2bcd(k: Kernel, val: unsigned_int) -> unsigned_char:
    """A number below 100 as two decimal digits."""
    tens = val * 103 >> 10
    return (tens << 4) + val - tens * 10


@export_data(256, align=1)
def byte_rev_table(k: Kernel, at: int) -> None:
    """Each byte with its bits in reversed order, as bitrev8() reads it inline."""
    k.mem.write(at, bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256)))
