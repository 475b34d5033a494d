"""bottom_half.h: soft interrupts off and on. local_bh_disable() is inline.

Linux: kernel/softirq.c, 6.1
"""

from kapi.registry import export
from runtime.c import unsigned_int, unsigned_long
from runtime.kernel import Kernel


@export
def __local_bh_enable_ip(k: Kernel, ip: unsigned_long, cnt: unsigned_int) -> None:
    """Give back cnt of preempt_count."""
    k.cpu.preempt_count = k.cpu.preempt_count - cnt
