"""sort.h, bsearch.h: sorting and searching arrays. The comparison is the guest's, so each call of it ends a step.

Linux: lib/sort.c, lib/bsearch.c, include/linux/bsearch.h, 6.1
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from kapi.registry import export
from runtime.c import Stepped, const_void_p, function_p, s32_of, size_t, void_p
from runtime.errors import Call
from runtime.kernel import Kernel

# bsearch


@export
def bsearch(
    k: Kernel, key: const_void_p, base: const_void_p, num: size_t, size: size_t, cmp: function_p
) -> Stepped[void_p]:
    """Find an element that cmp(key, element) calls equal, by halving. Return: NULL where there is none."""
    return _halve(key, base, num, size, cmp)


def _halve(key: int, base: int, num: int, size: int, cmp: int) -> int | Call:
    if not num:
        return 0
    pivot = base + (num >> 1) * size
    return Call(cmp, key, pivot, then=_compared, data=(key, base, num, size, cmp, pivot))


def _compared(k: Kernel, rax: int, key: int, base: int, num: int, size: int, cmp: int, pivot: int) -> int | Call:
    result = s32_of(rax)
    if not result:
        return pivot
    if result > 0:
        return _halve(key, pivot + size, num - 1 >> 1, size, cmp)
    return _halve(key, base, num >> 1, size, cmp)


# sort


class Heap(NamedTuple):
    """What is sorted. Elements are named by their distance from base in bytes; cmp(a, b, priv), swap(a, b, size, priv)
    or 0.
    """

    base: int
    size: int
    cmp: int
    swap: int
    priv: int


@export
def sort(
    k: Kernel, base: void_p, num: size_t, size: size_t, cmp_func: function_p, swap_func: function_p
) -> Stepped[None]:
    """Sort num elements of size bytes in place, by heapsort: equal elements do not keep their order.

    swap_func may be NULL.
    """
    return _sort(k, Heap(base, size, cmp_func, swap_func, 0), num)


@export
def sort_r(k: Kernel, base: void_p, num: size_t, size: size_t, cmp_func: function_p, swap_func: function_p,
           priv: const_void_p) -> Stepped[None]:  # fmt: skip
    """sort() whose functions get priv as well."""
    return _sort(k, Heap(base, size, cmp_func, swap_func, priv), num)


def _sort(k: Kernel, heap: Heap, num: int) -> Call | None:
    return _pick(k, heap, num // 2 * heap.size, num * heap.size) if num > 1 and heap.size else None


def _pick(k: Kernel, heap: Heap, a: int, n: int) -> Call | None:
    """Sift the next element: while the heap grows downwards to a, the one before a; then the last one of n, in exchange
    for the first.
    """
    if a:
        return _descend(k, heap, a - heap.size, n, a - heap.size)
    n -= heap.size
    return _swap(k, heap, 0, n, _from_top, (heap, n)) if n else None


def _from_top(k: Kernel, _rax: int, heap: Heap, n: int) -> Call | None:
    return _descend(k, heap, 0, n, 0)


def _descend(k: Kernel, heap: Heap, a: int, n: int, b: int) -> Call | None:
    """From b down along the larger children, to a leaf."""
    child = 2 * b + heap.size
    other = child + heap.size
    if other < n:
        return Call(heap.cmp, heap.base + child, heap.base + other, heap.priv, then=_larger, data=(heap, a, n, child))
    return _ascend(k, heap, a, n, child if other == n else b)


def _larger(k: Kernel, rax: int, heap: Heap, a: int, n: int, child: int) -> Call | None:
    return _descend(k, heap, a, n, child if s32_of(rax) >= 0 else child + heap.size)


def _ascend(k: Kernel, heap: Heap, a: int, n: int, b: int) -> Call | None:
    """From b up the same way, to where the element at a belongs."""
    if b == a:
        return _pick(k, heap, a, n)
    return Call(heap.cmp, heap.base + a, heap.base + b, heap.priv, then=_fits, data=(heap, a, n, b))


def _fits(k: Kernel, rax: int, heap: Heap, a: int, n: int, b: int) -> Call | None:
    if s32_of(rax) >= 0:
        return _ascend(k, heap, a, n, _parent(heap, b))
    return _shift(k, 0, heap, a, n, b, b)


def _shift(k: Kernel, _rax: int, heap: Heap, a: int, n: int, b: int, place: int) -> Call | None:
    """Exchange the element at place with those above it, one after the other, up to a."""
    if b == a:
        return _pick(k, heap, a, n)
    b = _parent(heap, b)
    return _swap(k, heap, b, place, _shift, (heap, a, n, b, place))


def _parent(heap: Heap, at: int) -> int:
    return (at // heap.size - 1) // 2 * heap.size


def _swap(
    k: Kernel, heap: Heap, a: int, b: int, then: Callable[..., Call | None], data: tuple[Any, ...]
) -> Call | None:
    one, other = heap.base + a, heap.base + b
    if heap.swap:
        return Call(heap.swap, one, other, heap.size, heap.priv, then=then, data=data)
    first, second = k.mem.read(one, heap.size), k.mem.read(other, heap.size)
    k.mem.write(one, second)
    k.mem.write(other, first)
    return then(k, 0, *data)
