"""Instructions that were replaced while loading, answered here: the clock and the randomness of the host would differ
in each run.

The time stamp counter counts nanoseconds of virtual time.
"""

from typing import TYPE_CHECKING

from runtime.arch.x86_64 import RAX, RCX, RDX
from runtime.errors import Unsupported
from runtime.loader.text_scan import RDTSC, RDTSCP, VEX, Patch

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_CARRY = 1
_CLEARED = 0x8D4  # OF SF ZF AF PF, which rdrand clears


def answer(k: "Kernel", patch: Patch) -> int:
    """Do what the instruction does. Return: its length in bytes. Raises: Unsupported for vector instructions."""
    r = k.cpu.r
    if patch.kind == VEX:
        raise Unsupported(
            f"vector instruction `{patch.text}` at {k.places.text(r[16], 0)}: the emulated CPU has no AVX"
        )
    if patch.kind in (RDTSC, RDTSCP):
        now = k.clock.read()
        r[RAX], r[RDX] = now & 0xFFFFFFFF, now >> 32
        if patch.kind == RDTSCP:
            r[RCX] = k.cpu.number
        return patch.length
    value = k.random.getrandbits(8 * patch.size)
    r[patch.register] = value if patch.size != 2 else r[patch.register] & ~0xFFFF | value
    k.cpu.engine.eflags = k.cpu.engine.eflags & ~_CLEARED | _CARRY
    return patch.length
