"""What waits for the end of an RCU grace period: a list in guest memory, of struct rcu_head.

func of a head is below 4096 for an object that is to be freed: the distance from the object to the head. It is
RADIX_TREE_NODE for a node of an xarray.
"""

from typing import TYPE_CHECKING

from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_LARGEST_OFFSET = 4096
RADIX_TREE_NODE = 4096


def nesting(k: "Kernel") -> int:
    """How many readers the task has begun."""
    return k.mem.i32(k.current.struct + k.abi.offset("task_struct", "rcu_read_lock_nesting"))


def set_nesting(k: "Kernel", depth: int) -> None:
    k.mem.put32(k.current.struct + k.abi.offset("task_struct", "rcu_read_lock_nesting"), depth)


def pending(k: "Kernel") -> Virt:
    """Where the list begins."""
    return k.provider.address("rcu_pending")


def put(k: "Kernel", head: Virt, func: int) -> None:
    """Let head wait. Finding: double-free for one that waits already."""
    first = pending(k)
    waiting = k.mem.u64(first)
    while waiting:
        if waiting == head:
            k.check.finding("double-free", f"the object with rcu_head {head:#x} is freed twice by RCU", address=head)
            return
        waiting = k.mem.u64(waiting)
    k.mem.put64(head, k.mem.u64(first))
    k.mem.put64(head + 8, func)
    k.mem.put64(first, head)


def free_pending(k: "Kernel", force: bool = False) -> None:
    """Free what waits, unless somebody may read; force: a module goes, and its readers with it."""
    if not force and k.cpu.in_atomic():
        return
    if k.mm.waiting:
        k.mm.settle()
    first = k.provider.made("rcu_pending")
    if not first:
        return
    while head := k.mem.u64(first):
        k.mem.put64(first, k.mem.u64(head))
        func = k.mem.u64(head + 8)
        if func == RADIX_TREE_NODE:
            free_node(k, head - k.abi.offset("xa_node", "private_list"))
        else:
            k.kvfree(head - func)


def free_node(k: "Kernel", node: Virt) -> None:
    """Give a node of an xarray back, as clean as its constructor made it. Linux: radix_tree_node_rcu_free(), 6.1"""
    clean_node(k, node)
    k.slab.kmem_cache_free(k.slab.own("radix_tree_node").address, node)


def clean_node(k: "Kernel", node: Virt) -> None:
    """No entries, no marks, in no list."""
    slots, size = k.abi.offset("xa_node", "slots"), k.abi.sizeof("xa_node")
    k.mem.fill(node + slots, size - slots, 0)
    entry = node + k.abi.offset("xa_node", "private_list")
    k.mem.put64(entry, entry)
    k.mem.put64(entry + 8, entry)
