"""mempool.h: a reserve of elements for allocations that must not fail. Elements come from functions of the guest's, so
each call ends a step.

Linux: mm/mempool.c, 6.1
"""

from collections.abc import Callable
from errno import ENOMEM
from typing import Annotated

from kapi.gfp import page_of, pfn_of_page
from kapi.registry import export
from kapi.slab import kmem_cache_alloc
from runtime.c import Stepped, function_p, gfp_t, int_, pointer, void_p
from runtime.errors import Call
from runtime.kernel import Kernel

mempool_p = Annotated[int, pointer("mempool_s")]
End = Callable[[Kernel, int, bool], int]


# Creating. own: the pool's own memory is from kmalloc()


@export
def mempool_create(
    k: Kernel, min_nr: int_, alloc_fn: function_p, free_fn: function_p, pool_data: void_p
) -> Stepped[mempool_p]:
    """A pool that keeps min_nr elements of alloc_fn(gfp, pool_data) in reserve. Return: NULL on scarcity."""
    return mempool_create_node(k, min_nr, alloc_fn, free_fn, pool_data, k.abi.const["GFP_KERNEL"], -1)


@export
def mempool_create_node(k: Kernel, min_nr: int_, alloc_fn: function_p, free_fn: function_p, pool_data: void_p,
                        gfp_mask: gfp_t, node_id: int_) -> Stepped[mempool_p]:  # fmt: skip
    pool = k.slab.kmalloc(k.abi.sizeof("mempool_s"), gfp_mask | k.abi.const["__GFP_ZERO"])
    return _init(k, pool, min_nr, alloc_fn, free_fn, pool_data, gfp_mask, True) if pool else 0


@export
def mempool_init(k: Kernel, pool: mempool_p, min_nr: int_, alloc_fn: function_p, free_fn: function_p,
                 pool_data: void_p) -> Stepped[int_]:  # fmt: skip
    """mempool_create() of a pool that the caller has memory for, zeroed. Return: 0; -ENOMEM."""
    return _init(k, pool, min_nr, alloc_fn, free_fn, pool_data, k.abi.const["GFP_KERNEL"], False)


@export
def mempool_init_node(k: Kernel, pool: mempool_p, min_nr: int_, alloc_fn: function_p, free_fn: function_p,
                      pool_data: void_p, gfp_mask: gfp_t, node_id: int_) -> Stepped[int_]:  # fmt: skip
    return _init(k, pool, min_nr, alloc_fn, free_fn, pool_data, gfp_mask, False)


def _init(k: Kernel, at: int, min_nr: int, alloc: int, free: int, data: int, gfp: int, own: bool) -> int | Call:
    pool = k.abi.view("mempool_s")(k.mem, at)
    k.mem.put32(pool.lock.va, 0)
    pool.min_nr, pool.pool_data, pool.alloc, pool.free = min_nr, data, alloc, free
    head = pool.wait.head.va
    k.mem.put32(pool.wait.va, 0)
    k.mem.put64(head, head)
    k.mem.put64(head + 8, head)
    pool.elements = k.slab.kmalloc(min_nr * 8, gfp) if 0 <= min_nr < 1 << 60 else 0
    return _fill(k, at, gfp, own) if pool.elements else _failed(k, at, own)


def _fill(k: Kernel, at: int, gfp: int, own: bool) -> int | Call:
    pool = k.abi.view("mempool_s")(k.mem, at)
    if pool.curr_nr >= pool.min_nr:
        return at if own else 0
    return Call(pool.alloc, gfp, pool.pool_data, then=_filled, data=(at, gfp, own))


def _filled(k: Kernel, element: int, at: int, gfp: int, own: bool) -> int | Call:
    if not element:
        return _empty(k, 0, at, _failed, own)
    _add(k, at, element)
    return _fill(k, at, gfp, own)


def _failed(k: Kernel, at: int, own: bool) -> int:
    return _gone(k, at, own) if own else -ENOMEM


def _add(k: Kernel, at: int, element: int) -> None:
    pool = k.abi.view("mempool_s")(k.mem, at)
    k.mem.put64(pool.elements + 8 * pool.curr_nr, element)
    pool.curr_nr += 1


def _take(k: Kernel, at: int) -> int:
    pool = k.abi.view("mempool_s")(k.mem, at)
    pool.curr_nr -= 1
    return k.mem.u64(pool.elements + 8 * pool.curr_nr)


# Destroying


def _empty(k: Kernel, _rax: int, at: int, end: End, own: bool) -> int | Call:
    """Free the elements one after the other, then the array; then end."""
    pool = k.abi.view("mempool_s")(k.mem, at)
    if pool.curr_nr:
        return Call(pool.free, _take(k, at), pool.pool_data, then=_empty, data=(at, end, own))
    k.slab.kfree(pool.elements)
    pool.elements = 0
    return end(k, at, own)


def _gone(k: Kernel, at: int, own: bool) -> int:
    """The reserve is empty."""
    if own:
        k.slab.kfree(at)
    return 0


@export
def mempool_exit(k: Kernel, pool: mempool_p) -> Stepped[None]:
    """Free the reserve of a pool that mempool_init() made. Elements that are out must have come back before."""
    step = _empty(k, 0, pool, _gone, False)
    return step if isinstance(step, Call) else None


@export
def mempool_destroy(k: Kernel, pool: mempool_p) -> Stepped[None]:
    """Free a pool that mempool_create() made; NULL is nothing."""
    step = _empty(k, 0, pool, _gone, True) if pool else None
    return step if isinstance(step, Call) else None


# Another size


@export
def mempool_resize(k: Kernel, pool: mempool_p, new_min_nr: int_) -> Stepped[int_]:
    """Keep more or fewer elements in reserve. Return: 0, also where the allocator had not enough; -ENOMEM, and nothing
    has changed.
    """
    k.trouble.might_sleep("mempool_resize()")
    view = k.abi.view("mempool_s")(k.mem, pool)
    if new_min_nr <= view.min_nr:
        return _shrink(k, 0, pool, new_min_nr)
    elements = k.slab.kmalloc(8 * new_min_nr, k.abi.const["GFP_KERNEL"])
    if not elements:
        return -ENOMEM
    k.mem.write(elements, k.mem.read(view.elements, 8 * view.curr_nr))
    k.slab.kfree(view.elements)
    view.elements, view.min_nr = elements, new_min_nr
    return _grow(k, pool)


def _shrink(k: Kernel, _rax: int, at: int, min_nr: int) -> int | Call:
    pool = k.abi.view("mempool_s")(k.mem, at)
    if min_nr < pool.curr_nr:
        return Call(pool.free, _take(k, at), pool.pool_data, then=_shrink, data=(at, min_nr))
    pool.min_nr = min_nr
    return 0


def _grow(k: Kernel, at: int) -> int | Call:
    pool = k.abi.view("mempool_s")(k.mem, at)
    if pool.curr_nr >= pool.min_nr:
        return 0
    return Call(pool.alloc, k.abi.const["GFP_KERNEL"], pool.pool_data, then=_grown, data=(at,))


def _grown(k: Kernel, element: int, at: int) -> int | Call:
    if not element:
        return 0
    _add(k, at, element)
    return _grow(k, at)


# Elements


@export
def mempool_alloc(k: Kernel, pool: mempool_p, gfp_mask: gfp_t) -> Stepped[void_p]:
    """An element: from the allocator, else from the reserve. Return: NULL only where gfp_mask must not sleep.

    With an empty reserve it waits for somebody to free an element. Finding: hang, where nobody can.
    """
    const = k.abi.const
    gfp = gfp_mask | const["__GFP_NOMEMALLOC"] | const["__GFP_NORETRY"] | const["__GFP_NOWARN"]
    if gfp & const["__GFP_DIRECT_RECLAIM"]:
        k.trouble.might_sleep("mempool_alloc()")
    return _ask(k, pool, gfp & ~(const["__GFP_DIRECT_RECLAIM"] | const["__GFP_IO"]), gfp)


def _ask(k: Kernel, at: int, now: int, gfp: int) -> Call:
    """now: the flags of this attempt; gfp: those of the next ones."""
    pool = k.abi.view("mempool_s")(k.mem, at)
    return Call(pool.alloc, now, pool.pool_data, then=_asked, data=(at, now, gfp))


def _asked(k: Kernel, element: int, at: int, now: int, gfp: int) -> int | Call:
    if element:
        return element
    if k.abi.view("mempool_s")(k.mem, at).curr_nr:
        return _take(k, at)
    if now != gfp:
        return _ask(k, at, gfp, gfp)
    if not gfp & k.abi.const["__GFP_DIRECT_RECLAIM"]:
        return 0
    k.trouble.schedule()
    return k.trouble.sleeps_forever("mempool_alloc() with an empty reserve")


@export
def mempool_free(k: Kernel, element: void_p, pool: mempool_p) -> Stepped[None]:
    """Fill the reserve up, or give the element to the allocator; NULL is nothing."""
    if not element:
        return None
    view = k.abi.view("mempool_s")(k.mem, pool)
    if view.curr_nr < view.min_nr:
        _add(k, pool, element)
        return None
    return Call(view.free, element, view.pool_data, then=_freed)


def _freed(k: Kernel, _rax: int) -> None:
    """The allocator has the element."""


# The usual allocators; pool_data: bytes, a cache, an order


@export
def mempool_kmalloc(k: Kernel, gfp_mask: gfp_t, pool_data: void_p) -> void_p:
    return k.slab.kmalloc(pool_data, gfp_mask)


@export
def mempool_kfree(k: Kernel, element: void_p, pool_data: void_p) -> None:
    k.slab.kfree(element)


@export
def mempool_alloc_slab(k: Kernel, gfp_mask: gfp_t, pool_data: void_p) -> Stepped[void_p]:
    return kmem_cache_alloc(k, pool_data, gfp_mask)


@export
def mempool_free_slab(k: Kernel, element: void_p, pool_data: void_p) -> None:
    k.slab.kmem_cache_free(pool_data, element)


@export
def mempool_alloc_pages(k: Kernel, gfp_mask: gfp_t, pool_data: void_p) -> void_p:
    return page_of(k, k.pages.alloc_pages(gfp_mask, pool_data))


@export
def mempool_free_pages(k: Kernel, element: void_p, pool_data: void_p) -> None:
    k.pages.free_pages(pfn_of_page(k, element), pool_data)
