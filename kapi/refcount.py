"""refcount_t: its operations are inline; what is left of the kernel is the warning.

Linux: lib/refcount.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import int_, pointer
from runtime.kernel import Kernel

refcount_struct_p = Annotated[int, pointer("refcount_struct")]
_SITES = ("refcount_inc_saturated", "refcount_add_saturated", "refcount_add_zero", "refcount_underflow", "refcount_dec_zero")
_SATURATED = 0xC0000000


@export
def refcount_warn_saturate(k: Kernel, r: refcount_struct_p, t: int_) -> None:
    """Saturate the count, and warn of the operation t (enum refcount_saturation_type) that went wrong. Finding: refcount."""
    k.mem.put32(r, _SATURATED)
    if 0 <= t < len(_SITES):
        k.trouble.warn(_SITES[t])
