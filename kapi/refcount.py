"""refcount_t: its operations are inline; what is left of the kernel is the warning.

Linux: lib/refcount.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import bool_, int_, pointer
from runtime.kernel import Kernel

refcount_struct_p = Annotated[int, pointer("refcount_struct")]
_SITES = (
    "refcount_inc_saturated",
    "refcount_add_saturated",
    "refcount_add_zero",
    "refcount_underflow",
    "refcount_dec_zero",
)
_SATURATED = 0xC0000000


@export
def refcount_warn_saturate(k: Kernel, r: refcount_struct_p, t: int_) -> None:
    """Saturate the count, and warn of the operation t (enum refcount_saturation_type) that went wrong.

    Finding: refcount.
    """
    k.mem.put32(r, _SATURATED)
    if 0 <= t < len(_SITES):
        k.trouble.warn(_SITES[t])


@export
def refcount_dec_if_one(k: Kernel, r: refcount_struct_p) -> bool_:
    """Drop the last reference, if it is the last. Return: was it?"""
    if k.mem.u32(r) != 1:
        return 0
    k.mem.put32(r, 0)
    return 1


@export
def refcount_dec_not_one(k: Kernel, r: refcount_struct_p) -> bool_:
    """Drop a reference, unless it is the last. Return: was there another? Finding: refcount, where there is none."""
    count = k.mem.u32(r)
    if count == _SATURATED:
        return 1
    if count == 1:
        return 0
    if not count:
        k.trouble.warn("refcount_dec_not_one")
        return 1
    k.mem.put32(r, count - 1)
    return 1
