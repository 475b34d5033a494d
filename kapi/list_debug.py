"""Checks that list_add() and list_del() do, as CONFIG_DEBUG_LIST has them: a corrupted list is logged and is a BUG
(Debian's kernels are built with CONFIG_BUG_ON_DATA_CORRUPTION).

Linux: lib/list_debug.c, 6.1
"""

from kapi.registry import export
from runtime.c import bool_, list_head_p
from runtime.kernel import Kernel


@export
def __list_add_valid(k: Kernel, new: list_head_p, prev: list_head_p, next: list_head_p) -> bool_:
    """May new go between prev and next? Return: 1; a BUG otherwise."""
    u64 = k.mem.u64
    if not prev:
        k.trouble.bug("list_add_prev_null")
    if not next:
        k.trouble.bug("list_add_next_null")
    if u64(next + 8) != prev:
        k.trouble.bug("list_add_next_prev", prev, u64(next + 8), next)
    if u64(prev) != next:
        k.trouble.bug("list_add_prev_next", next, u64(prev), prev)
    if new in (prev, next):
        k.trouble.bug("list_add_double", new, prev, next)
    return 1


@export
def __list_del_entry_valid(k: Kernel, entry: list_head_p) -> bool_:
    """May entry leave its list? Return: 1; a BUG otherwise."""
    u64, const = k.mem.u64, k.abi.const
    next, prev = u64(entry), u64(entry + 8)
    if not next:
        k.trouble.bug("list_del_next_null", entry)
    if not prev:
        k.trouble.bug("list_del_prev_null", entry)
    if next == const["LIST_POISON1"]:
        k.trouble.bug("list_del_poison1", entry, next)
    if prev == const["LIST_POISON2"]:
        k.trouble.bug("list_del_poison2", entry, prev)
    if u64(prev) != entry:
        k.trouble.bug("list_del_prev_next", entry, u64(prev), prev)
    if u64(next + 8) != entry:
        k.trouble.bug("list_del_next_prev", entry, u64(next + 8), next)
    return 1
