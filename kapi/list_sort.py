"""list_sort.h: sorting a list by merging, which keeps equal entries in order. The comparison is the guest's, and ends a
step.

The lists in between are in the guest's memory as in Linux: linked by next, ending in NULL; those that wait for merging
are linked by the prev of their first entries.

Linux: lib/list_sort.c, 6.1
"""

from typing import Any, NamedTuple

from kapi.registry import export
from runtime.c import Stepped, function_p, list_head_p, s32_of, void_p
from runtime.errors import Call
from runtime.kernel import Kernel

_PREV = 8


class Sort(NamedTuple):
    """What stays the same while a list is sorted: cmp(priv, a, b), and the list's head."""

    priv: int
    cmp: int
    head: int


@export
def list_sort(k: Kernel, priv: void_p, head: list_head_p, cmp: function_p) -> Stepped[None]:
    """Sort a list. cmp gives more than 0 where its second entry has to come first."""
    first, last = k.mem.u64(head), k.mem.u64(head + _PREV)
    if first == last:
        return None
    k.mem.put64(last, 0)
    return _take(k, Sort(priv, cmp, head), first, 0, 0)


def _take(k: Kernel, sort: Sort, rest: int, pending: int, count: int) -> Call | None:
    """count entries are in the pending lists: merge the two lists of equal length that are due, then add the next entry
    as a list of its own.

    link: where the address of the newer of the two lies; 0 for pending itself.
    """
    while rest:
        link, bits = 0, count
        while bits & 1:
            link = (k.mem.u64(link) if link else pending) + _PREV
            bits >>= 1
        if bits:
            newer = k.mem.u64(link) if link else pending
            older = k.mem.u64(newer + _PREV)
            return _compare(sort, 0, 0, older, newer, (_merged, rest, pending, count, link, k.mem.u64(older + _PREV)))
        rest, pending, count = _push(k, rest, pending, count)
    return _merge_all(k, sort, pending)


def _merged(
    k: Kernel, sort: Sort, merged: int, rest: int, pending: int, count: int, link: int, older: int
) -> Call | None:
    """Two pending lists have become one."""
    k.mem.put64(merged + _PREV, older)
    if link:
        k.mem.put64(link, merged)
    else:
        pending = merged
    return _take(k, sort, *_push(k, rest, pending, count))


def _push(k: Kernel, rest: int, pending: int, count: int) -> tuple[int, int, int]:
    following = k.mem.u64(rest)
    k.mem.put64(rest + _PREV, pending)
    k.mem.put64(rest, 0)
    return following, rest, count + 1


def _merge_all(k: Kernel, sort: Sort, pending: int) -> Call | None:
    """No entry is left: merge the pending lists, the shortest first."""
    return _merge_next(k, sort, pending, k.mem.u64(pending + _PREV))


def _merge_next(k: Kernel, sort: Sort, merged: int, pending: int) -> Call | None:
    older = k.mem.u64(pending + _PREV)
    if older:
        return _compare(sort, 0, 0, pending, merged, (_merge_next, older))
    return Call(sort.cmp, sort.priv, pending, merged, then=_final, data=(sort, sort.head, pending, merged))


def _compare(sort: Sort, first: int, tail: int, a: int, b: int, back: tuple[Any, ...]) -> Call:
    """Merge a and b behind tail, the end of the list that begins with first. back: (function, its data) that gets the
    merged list.
    """
    return Call(sort.cmp, sort.priv, a, b, then=_compared, data=(sort, first, tail, a, b, back))


def _compared(
    k: Kernel, rax: int, sort: Sort, first: int, tail: int, a: int, b: int, back: tuple[Any, ...]
) -> Call | None:
    chosen, other = (a, b) if s32_of(rax) <= 0 else (b, a)
    if tail:
        k.mem.put64(tail, chosen)
    first = first or chosen
    following = k.mem.u64(chosen)
    if not following:
        k.mem.put64(chosen, other)
        function, *data = back
        result: Call | None = function(k, sort, first, *data)
        return result
    return _compare(sort, first, chosen, following if chosen == a else a, following if chosen == b else b, back)


def _final(k: Kernel, rax: int, sort: Sort, tail: int, a: int, b: int) -> Call | None:
    """The last merge, which links both ways."""
    chosen, other = (a, b) if s32_of(rax) <= 0 else (b, a)
    _link(k, tail, chosen)
    following = k.mem.u64(chosen)
    if not following:
        k.mem.put64(chosen, other)
        return _finish(k, 0, sort, chosen, other, 0)
    a, b = (following, b) if chosen == a else (a, following)
    return Call(sort.cmp, sort.priv, a, b, then=_final, data=(sort, chosen, a, b))


def _finish(k: Kernel, _rax: int, sort: Sort, tail: int, rest: int, count: int) -> Call | None:
    """Link back what is left; every 256 entries cmp is called nevertheless, for it may want to give the CPU away."""
    while rest:
        count = count + 1 & 0xFF
        if not count:
            return Call(sort.cmp, sort.priv, rest, rest, then=_finish_one, data=(sort, tail, rest))
        tail, rest = _link_back(k, tail, rest)
    _link(k, tail, sort.head)
    return None


def _finish_one(k: Kernel, _rax: int, sort: Sort, tail: int, rest: int) -> Call | None:
    return _finish(k, 0, sort, *_link_back(k, tail, rest), 0)


def _link_back(k: Kernel, tail: int, entry: int) -> tuple[int, int]:
    k.mem.put64(entry + _PREV, tail)
    return entry, k.mem.u64(entry)


def _link(k: Kernel, tail: int, entry: int) -> None:
    k.mem.put64(tail, entry)
    k.mem.put64(entry + _PREV, tail)
