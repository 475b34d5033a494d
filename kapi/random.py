"""random.h: random numbers, from the machine's seed: the same in each run.

Linux: drivers/char/random.c, 6.1
"""

from kapi.registry import export
from runtime.c import bool_, int_, size_t, u8, u16, u32, u64, void_p
from runtime.kernel import Kernel


@export
def get_random_bytes(k: Kernel, buf: void_p, len: size_t) -> None:
    """Fill len bytes."""
    words = (k.random.getrandbits(64).to_bytes(8, "little") for _ in range(-(-len // 8)))
    k.mem.write(buf, b"".join(words)[:len])


@export
def get_random_u8(k: Kernel) -> u8:
    return k.random.getrandbits(8)


@export
def get_random_u16(k: Kernel) -> u16:
    return k.random.getrandbits(16)


@export
def get_random_u32(k: Kernel) -> u32:
    return k.random.getrandbits(32)


@export
def get_random_u64(k: Kernel) -> u64:
    return k.random.getrandbits(64)


@export
def __get_random_u32_below(k: Kernel, ceil: u32) -> u32:
    """A number below ceil, each as probable as the others. Return: 32 random bits for ceil 0."""
    if not ceil:
        return k.random.getrandbits(32)
    limit = (1 << 32) - (1 << 32) % ceil
    while (number := k.random.getrandbits(32)) >= limit:
        pass
    return number % ceil


@export
def wait_for_random_bytes(k: Kernel) -> int_:
    """Return: 0; the seed is there from the start."""
    k.trouble.might_sleep("wait_for_random_bytes()")
    return 0


@export
def rng_is_initialized(k: Kernel) -> bool_:
    return k.random is not None
