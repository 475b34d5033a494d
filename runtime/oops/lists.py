"""List debugging: what is wrong with a list before an entry is added or taken out.

Debian's kernel checks each list operation that is compiled into a module, and treats corruption as a BUG.
Linux: lib/list_debug.c, 6.1
"""

from runtime.units import Virt

LIST_POISON1 = 0xDEAD000000000100
LIST_POISON2 = 0xDEAD000000000122

Broken = tuple[str, tuple[int, ...]]
"""(name of the site in sites.BUGS, arguments of its message)"""


def check_add(new: Virt, before: Virt, behind: Virt, behind_prev: Virt, before_next: Virt) -> Broken | None:
    """new is to stand between `before` and `behind`.

    behind_prev and before_next: what these two point at now (0 where one of them is NULL).
    """
    if not before:
        return "list_add_prev_null", ()
    if not behind:
        return "list_add_next_null", ()
    if behind_prev != before:
        return "list_add_next_prev", (before, behind_prev, behind)
    if before_next != behind:
        return "list_add_prev_next", (behind, before_next, before)
    return ("list_add_double", (new, before, behind)) if new in (before, behind) else None


def check_ends(entry: Virt, behind: Virt, before: Virt) -> Broken | None:
    """entry is to be taken out; behind and before: its next and prev. To be asked before these are followed."""
    if not behind:
        return "list_del_next_null", (entry,)
    if not before:
        return "list_del_prev_null", (entry,)
    if behind == LIST_POISON1:
        return "list_del_poison1", (entry, LIST_POISON1)
    return ("list_del_poison2", (entry, LIST_POISON2)) if before == LIST_POISON2 else None


def check_del(entry: Virt, behind: Virt, before: Virt, behind_prev: Virt, before_next: Virt) -> Broken | None:
    """The neighbours of an entry to be taken out must point at it."""
    if before_next != entry:
        return "list_del_prev_next", (entry, before_next, before)
    return ("list_del_next_prev", (entry, behind_prev, behind)) if behind_prev != entry else None
