"""percpu.h: memory with a copy for each CPU.

Linux: mm/percpu.c, 6.1
"""

from kapi.registry import export, handed_to
from runtime.c import gfp_t, size_t, void_p
from runtime.kernel import Kernel


@export
@handed_to(lambda k: k.percpu.alloc)
def __alloc_percpu(k: Kernel, size: size_t, align: size_t) -> void_p:
    """Allocate size bytes for each CPU, cleared. Return: the per-CPU pointer; NULL on scarcity, or with a WARN for
    sizes above 32 KiB.

    Finding: sleep-in-atomic.
    """
    return k.percpu.alloc(size, align)


@export
def __alloc_percpu_gfp(k: Kernel, size: size_t, align: size_t, gfp: gfp_t) -> void_p:
    """__alloc_percpu() that may be told not to sleep: then only memory that is populated already serves."""
    return k.percpu.alloc(size, align, gfp)


@export
@handed_to(lambda k: k.percpu.free)
def free_percpu(k: Kernel, ptr: void_p) -> None:
    """Free a per-CPU pointer; NULL is nothing. Finding: double-free, invalid-free."""
    k.percpu.free(ptr)
