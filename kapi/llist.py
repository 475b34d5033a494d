"""llist.h: singly linked lists that need no lock. A node is one pointer, to the next.

Linux: lib/llist.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import bool_, pointer
from runtime.kernel import Kernel

llist_node_p = Annotated[int, pointer("llist_node")]
llist_head_p = Annotated[int, pointer("llist_head")]


@export
def llist_add_batch(k: Kernel, new_first: llist_node_p, new_last: llist_node_p, head: llist_head_p) -> bool_:
    """Put a chain of nodes in front. Return: was the list empty?"""
    first = k.mem.u64(head)
    k.mem.put64(new_last, first)
    k.mem.put64(head, new_first)
    return not first


@export
def llist_del_first(k: Kernel, head: llist_head_p) -> llist_node_p:
    """Take the first node out. Return: it, or NULL."""
    first = k.mem.u64(head)
    if first:
        k.mem.put64(head, k.mem.u64(first))
    return first


@export
def llist_reverse_order(k: Kernel, head: llist_node_p) -> llist_node_p:
    """Turn a chain of nodes round. Return: its new first node."""
    before = 0
    while head:
        after = k.mem.u64(head)
        k.mem.put64(head, before)
        before, head = head, after
    return before
