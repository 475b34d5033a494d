"""The kinds of things that may fail. A kind is one line here, and one question to the plan where it is allocated."""

from typing import NamedTuple


class Kind(NamedTuple):
    """name, aliases: what a plan's text may say. asked: what the allocator says. linux: what Linux calls it.

    caches: only of slab caches whose names begin so, or of none; () for all.
    """

    name: str
    asked: str
    aliases: tuple[str, ...]
    linux: str
    sentence: str
    caches: tuple[str, ...] = ()


SLAB, CALL = "slab", "call"
KINDS = (
    Kind("slab", SLAB, ("failslab",), "failslab", "objects of slab caches, those of kmalloc() among them"),
    Kind("kmalloc", SLAB, (), "failslab", "kmalloc() and all that is built on it", ("kmalloc-", "dma-kmalloc-")),
    Kind("page", "page", ("alloc_pages", "fail_page_alloc"), "fail_page_alloc", "alloc_pages() and its family"),
    Kind("vmalloc", "vmalloc", (), "fail_vmalloc", "vmalloc() and its family, vmap()"),
    Kind("percpu", "percpu", ("alloc_percpu",), "fail_percpu", "memory with a copy for each CPU"),
    Kind("cache", "cache", ("kmem_cache_create",), "fail_cache", "slab caches themselves"),
    Kind("call", CALL, ("fail_function",), "fail_function", "all kernel functions that declare how they fail"),
)

BY_NAME = {name: kind for kind in KINDS for name in (kind.name, *kind.aliases)}
LINUX = {kind.asked: kind.linux for kind in KINDS}

# What the compiler makes of the functions that people call: headers turn one into the other.
_CALLED = {
    "kmalloc_trace": "kmalloc", "__kmalloc": "kmalloc", "kmalloc_large": "kmalloc",
    "kmalloc_node_trace": "kmalloc_node", "__kmalloc_node": "kmalloc_node", "kmalloc_large_node": "kmalloc_node",
    "__kmalloc_node_track_caller": "kmalloc_track_caller", "kvmalloc_node": "kvmalloc",
    "kmem_cache_create_usercopy": "kmem_cache_create", "__alloc_pages": "alloc_pages",
    "__alloc_percpu": "alloc_percpu", "__alloc_percpu_gfp": "alloc_percpu_gfp", "__symbol_get": "symbol_get",
    "__kfifo_alloc": "kfifo_alloc", "__percpu_counter_init": "percpu_counter_init", "__xa_alloc": "xa_alloc",
    "__alloc_pages_bulk": "alloc_pages_bulk", "ida_alloc_range": "ida_alloc",
}  # fmt: skip

# Functions of headers that leave no call of their own: what to say instead.
INLINE = {
    "kzalloc": "kmalloc gfp=__GFP_ZERO", "kcalloc": "kmalloc gfp=__GFP_ZERO", "kmalloc_array": "kmalloc",
    "kmem_cache_zalloc": "kmem_cache_alloc gfp=__GFP_ZERO", "alloc_page": "page order=0",
    "__get_free_page": "__get_free_pages order=0", "kvzalloc": "kvmalloc gfp=__GFP_ZERO",
}  # fmt: skip


def called(function: str) -> str:
    """The name that people know a kernel function by: kmalloc for kmalloc_trace."""
    return _CALLED.get(function, function)


def spellings(name: str) -> list[str]:
    """The kernel functions that people know by a name."""
    return [name, *(function for function, own in _CALLED.items() if own == name)]
