"""cpumask.h: masks of CPUs on the heap, as a kernel for many CPUs has them (CONFIG_CPUMASK_OFFSTACK).

Linux: lib/cpumask.c, kernel/cpu.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import bool_, gfp_t, int_, pointer
from runtime.kernel import Kernel

cpumask_p = Annotated[int, pointer("cpumask")]
cpumask_pp = Annotated[int, pointer("cpumask *")]


@export
def alloc_cpumask_var_node(k: Kernel, mask: cpumask_pp, flags: gfp_t, node: int_) -> bool_:
    """*mask: room for nr_cpu_ids bits, in whole words. Return: 0 on scarcity, *mask is NULL then."""
    virt = k.slab.kmalloc(-(-k.mm.nr_cpus // 64) * 8, flags)
    k.mem.put64(mask, virt)
    return virt != 0


@export
def free_cpumask_var(k: Kernel, mask: cpumask_p) -> None:
    """NULL is nothing."""
    k.slab.kfree(mask)


@export_data(65 * 8192 // 8)
def cpu_bit_bitmap(k: Kernel, at: int) -> None:
    """A row of 8192 bits for each bit of a word, and an empty one before: cpumask_of() of any CPU points into it."""
    k.mem.fill(at, 65 * 1024, 0)
    for bit in range(64):
        k.mem.put64(at + (bit + 1) * 1024, 1 << bit)


@export_data("cpumask")
def cpu_all_bits(k: Kernel, at: int) -> None:
    k.mem.fill(at, k.abi.sizeof("cpumask"), 0xFF)
