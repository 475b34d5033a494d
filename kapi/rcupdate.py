"""rcupdate.h: read-copy-update. A grace period is over as soon as nobody reads: one task runs here, and it reads while
it says so, or while preemption or interrupts are off.

What waits for the end of one is a list of struct rcu_head in the guest: next leads on, func is the distance from the
object to its head. It is freed when RCU is asked anything outside of a reader, and when a module is loaded or removed.

Linux: kernel/rcu/tree.c, kernel/rcu/tree_plugin.h, 6.1
"""

from typing import Annotated

from kapi.registry import alias, export, export_data
from runtime.c import pointer, unsigned_long
from runtime.kernel import Kernel
from runtime.lib import rcu

rcu_head_p = Annotated[int, pointer("rcu_head")]


@export_data("rcu_head", static=True)
def rcu_pending(k: Kernel, at: int) -> None:
    """The list of what waits, empty (a variable of this kernel; Linux has a list for each CPU)."""
    k.mem.fill(at, k.abi.sizeof("rcu_head"), 0)


@export
def __rcu_read_lock(k: Kernel) -> None:
    """Readers nest; the task counts them."""
    rcu.set_nesting(k, rcu.nesting(k) + 1)


@export
def __rcu_read_unlock(k: Kernel) -> None:
    """Finding: atomic-imbalance without a reader."""
    depth = rcu.nesting(k)
    if not depth:
        k.check.finding("atomic-imbalance", "rcu_read_unlock() without rcu_read_lock()")
        return
    rcu.set_nesting(k, depth - 1)
    rcu.free_pending(k)


@export
def synchronize_rcu(k: Kernel) -> None:
    """Wait for all readers. Finding: hang, where the caller reads itself; else sleep-in-atomic."""
    if rcu.nesting(k):
        k.trouble.sleeps_forever("synchronize_rcu() in an RCU reader")
    k.trouble.might_sleep("synchronize_rcu()")
    k.trouble.schedule()
    k.clock.sleep_ticks(2)
    rcu.free_pending(k)


alias("synchronize_rcu_expedited", synchronize_rcu)
alias("rcu_barrier", synchronize_rcu)


@export
def kvfree_call_rcu(k: Kernel, head: rcu_head_p, func: unsigned_long) -> None:
    """kfree_rcu(): free the object when no reader is left. func: where head lies in the object, in bytes; without a
    head it is the object.
    """
    if not head:
        synchronize_rcu(k)
        k.kvfree(func)
        return
    rcu.put(k, head, func)
    rcu.free_pending(k)
