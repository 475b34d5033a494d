"""rbtree.h: red-black trees. The caller searches and links; these balance.

Linux: lib/rbtree.c, 6.1
"""

from collections.abc import Callable
from typing import Annotated, Any

from kapi.registry import alias, export
from runtime.c import Stepped, function_p, pointer
from runtime.errors import Call
from runtime.kernel import Kernel
from runtime.lib import rbtree
from runtime.lib.rbtree import RbTree

rb_node_p = Annotated[int, pointer("rb_node")]
rb_root_p = Annotated[int, pointer("rb_root")]


def _tree(k: Kernel, root: int = 0) -> RbTree:
    return RbTree(k.mem, k.abi, root)


@export
def rb_insert_color(k: Kernel, node: rb_node_p, root: rb_root_p) -> None:
    """Balance the tree after rb_link_node()."""
    rbtree.run(_tree(k, root), rbtree.insert, node)


@export
def rb_erase(k: Kernel, node: rb_node_p, root: rb_root_p) -> None:
    """Take a node out; what is in it stays as it was."""
    tree = _tree(k, root)
    missing = tree.unlink(node)
    if missing:
        rbtree.run(tree, rbtree.erase_colour, missing)


# Augmented trees: the guest's function runs after each rotation.


def _run(
    k: Kernel, _rax: int, root: int, rotate: int, phase: Callable[..., Any] | None, data: tuple[Any, ...]
) -> Call | None:
    """A rotation is done; the next phases, up to the next one."""
    while phase is not None:
        rotated, phase, data = phase(_tree(k, root), *data)
        if rotated is not None:
            return Call(rotate, *rotated, then=_run, data=(root, rotate, phase, data))
    return None


@export
def __rb_insert_augmented(k: Kernel, node: rb_node_p, root: rb_root_p, augment_rotate: function_p) -> Stepped[None]:
    """rb_insert_color() that calls augment_rotate(old, new) after each rotation."""
    return _run(k, 0, root, augment_rotate, rbtree.insert, (node,))


@export
def __rb_erase_color(k: Kernel, parent: rb_node_p, root: rb_root_p, augment_rotate: function_p) -> Stepped[None]:
    """The second half of rb_erase_augmented(), which is inline."""
    return _run(k, 0, root, augment_rotate, rbtree.erase_colour, (parent,))


# In order


@export
def rb_first(k: Kernel, root: rb_root_p) -> rb_node_p:
    return _tree(k, root).first()


@export
def rb_last(k: Kernel, root: rb_root_p) -> rb_node_p:
    return _tree(k, root).last()


@export
def rb_next(k: Kernel, node: rb_node_p) -> rb_node_p:
    """Return: NULL behind the last node, and for a node that is in no tree."""
    return _tree(k).next(node)


@export
def rb_prev(k: Kernel, node: rb_node_p) -> rb_node_p:
    return _tree(k).prev(node)


@export
def rb_first_postorder(k: Kernel, root: rb_root_p) -> rb_node_p:
    """Children before their parent: for freeing all nodes."""
    return _tree(k, root).first_postorder()


@export
def rb_next_postorder(k: Kernel, node: rb_node_p) -> rb_node_p:
    return _tree(k).next_postorder(node) if node else 0


@export
def rb_replace_node(k: Kernel, victim: rb_node_p, new: rb_node_p, root: rb_root_p) -> None:
    """Put new where victim is. Their keys must be equal: nobody looks."""
    _tree(k, root).replace(victim, new)


alias("rb_replace_node_rcu", rb_replace_node)
