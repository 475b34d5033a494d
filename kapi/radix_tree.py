"""radix-tree.h: what is left of it besides the xarray, which has the same nodes. It lacks what changes a tree.

Linux: lib/radix-tree.c, 6.1
"""

from kapi.registry import export
from kapi.xarray import array_of, xarray_p
from runtime.c import int_, unsigned_int, unsigned_long, void_p
from runtime.kernel import Kernel
from runtime.lib.xas import Xas


@export
def radix_tree_tagged(k: Kernel, root: xarray_p, tag: unsigned_int) -> int_:
    """Has any entry the tag? Of an idr, tag 0: is any number free?"""
    return int(array_of(k, root).marked(tag))


@export
def radix_tree_lookup(k: Kernel, root: xarray_p, index: unsigned_long) -> void_p:
    """Return: NULL where there is nothing."""
    return Xas(array_of(k, root), index).load()


@export
def radix_tree_tag_get(k: Kernel, root: xarray_p, index: unsigned_long, tag: unsigned_int) -> int_:
    """Has the entry the tag? Return: 0 where there is no entry."""
    xas = Xas(array_of(k, root), index)
    xas.load()
    return int(array_of(k, root).marked(tag) and xas.get_mark(tag))
