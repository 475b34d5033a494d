"""Ends that compiled code reaches by itself: a smashed stack, a fortified string function."""

from kapi.registry import export
from runtime.kernel import Kernel


@export
def __stack_chk_fail(k: Kernel) -> None:
    """Panic: a function found the canary below its return address overwritten. Linux: kernel/panic.c, 6.1"""
    k.trouble.stack_smashed()
