"""fpu/api.h: floating-point and vector registers in the kernel: nobody may be preempted while it uses them.

Linux: arch/x86/kernel/fpu/core.c, 6.1
"""

from kapi.registry import export, export_data
from runtime.c import bool_, unsigned_int
from runtime.kernel import Kernel


@export_data(1, align=1, static=True)
def in_kernel_fpu(k: Kernel, at: int) -> None:
    """Is somebody using them? (A static variable of Linux's, for each CPU.)"""
    k.mem.put8(at, 0)


@export
def kernel_fpu_begin_mask(k: Kernel, kfpu_mask: unsigned_int) -> None:
    """Begin to use them. Finding: atomic-imbalance, where they are in use already."""
    k.cpu.preempt_count += 1
    at = k.provider.address("in_kernel_fpu")
    if k.mem.u8(at):
        k.check.finding("atomic-imbalance", "kernel_fpu_begin() while the FPU is in use already")
    k.mem.put8(at, 1)


@export
def kernel_fpu_end(k: Kernel) -> None:
    """Finding: atomic-imbalance, where they are not in use."""
    at = k.provider.address("in_kernel_fpu")
    if not k.mem.u8(at):
        k.check.finding("atomic-imbalance", "kernel_fpu_end() without kernel_fpu_begin()")
        return
    k.mem.put8(at, 0)
    k.cpu.preempt_count -= 1


@export
def irq_fpu_usable(k: Kernel) -> bool_:
    """May they be used now?"""
    return not k.mem.u8(k.provider.address("in_kernel_fpu")) and not k.cpu.in_nmi()
