"""Red-black trees of struct rb_node in guest memory, balanced step by step as Linux does: a module that looks sees the
same tree.

A node's first word is its parent's address, with the colour in the lowest bit. Trees may be augmented: then a function
of the guest's runs after each rotation. So inserting and erasing are cut into phases, plain functions `phase(tree,
*data)` that return (nodes rotated or None, next phase or None, its data); run() goes through them where nobody has to
be called.

Linux: lib/rbtree.c, include/linux/rbtree_augmented.h, 6.1
"""

from collections.abc import Callable
from typing import Any

from runtime.memory import Memory
from runtime.units import Virt

RED, BLACK = 0, 1
Phase = Callable[..., "Outcome"]
Outcome = tuple[tuple[Virt, Virt] | None, Phase | None, tuple[Any, ...]]
DONE: Outcome = (None, None, ())


class RbTree:
    """The tree whose struct rb_root is at root."""

    def __init__(self, mem: Memory, abi: Any, root: Virt = 0) -> None:
        self.mem, self.root = mem, root
        self.left, self.right = abi.offset("rb_node", "rb_left"), abi.offset("rb_node", "rb_right")
        self.u64, self.put, self.size = mem.u64, mem.put64, abi.sizeof("rb_node")

    def parent(self, node: Virt) -> Virt:
        return self.u64(node) & ~3

    def is_red(self, node: Virt) -> bool:
        """NULL is black."""
        return bool(node) and not self.u64(node) & BLACK

    def sides(self, parent: Virt, child: Virt) -> tuple[int, int]:
        """Offsets of the link from parent to child, and of the other one.

        A child that is NULL on both sides counts as the left one.
        """
        return (self.left, self.right) if self.u64(parent + self.right) != child else (self.right, self.left)

    def set_parent(self, node: Virt, parent: Virt) -> None:
        self.put(node, parent | self.u64(node) & BLACK)

    def change_child(self, old: Virt, new: Virt, parent: Virt) -> None:
        """Let what points to old, parent or the root, point to new."""
        if not parent:
            self.put(self.root, new)
        else:
            self.put(parent + (self.left if self.u64(parent + self.left) == old else self.right), new)

    def take_place(self, old: Virt, new: Virt, colour: int) -> None:
        """new gets parent and colour of old, and becomes its parent; old gets a colour."""
        parent = self.parent(old)
        self.put(new, self.u64(old))
        self.put(old, new | colour)
        self.change_child(old, new, parent)

    def first(self) -> Virt:
        """The leftmost node; 0 in an empty tree."""
        return self._end(self.u64(self.root), self.left)

    def last(self) -> Virt:
        return self._end(self.u64(self.root), self.right)

    def _end(self, node: Virt, side: int) -> Virt:
        """Go down one side."""
        while node and (below := self.u64(node + side)):
            node = below
        return node

    def next(self, node: Virt) -> Virt:
        """The node behind in order; 0 for the last, and for one that is in no tree."""
        return self._beside(node, self.right, self.left)

    def prev(self, node: Virt) -> Virt:
        return self._beside(node, self.left, self.right)

    def _beside(self, node: Virt, side: int, back: int) -> Virt:
        if self.u64(node) == node:
            return 0
        below = self.u64(node + side)
        if below:
            return self._end(below, back)
        parent = self.parent(node)
        while parent and self.u64(parent + side) == node:
            node, parent = parent, self.parent(parent)
        return parent

    def first_postorder(self) -> Virt:
        """The first node of an order in which children come before their parent."""
        return self._deepest(self.u64(self.root))

    def next_postorder(self, node: Virt) -> Virt:
        parent = self.parent(node)
        if parent and self.u64(parent + self.left) == node and (right := self.u64(parent + self.right)):
            return self._deepest(right)
        return parent

    def _deepest(self, node: Virt) -> Virt:
        while node and (below := self.u64(node + self.left) or self.u64(node + self.right)):
            node = below
        return node

    def replace(self, victim: Virt, new: Virt) -> None:
        """Put new where victim is; the order does not change."""
        self.mem.write(new, self.mem.read(victim, self.size))
        for side in (self.left, self.right):
            if child := self.u64(victim + side):
                self.set_parent(child, new)
        self.change_child(victim, new, self.parent(victim))

    def unlink(self, node: Virt) -> Virt:
        """Take a node out. Return: the node below which a black one is missing now, 0 where the tree is balanced."""
        left, right = self.u64(node + self.left), self.u64(node + self.right)
        if left and right:
            return self._unlink_inner(node, left, right)
        colour, parent, child = self.u64(node), self.parent(node), left or right
        self.change_child(node, child, parent)
        if child:
            self.put(child, colour)
            return 0
        return parent if colour & BLACK else 0

    def _unlink_inner(self, node: Virt, left: Virt, right: Virt) -> Virt:
        """The next node in order, which has no left child, takes the place."""
        parent = successor = right
        while below := self.u64(successor + self.left):
            parent, successor = successor, below
        child = self.u64(successor + self.right)
        if successor == right:
            parent = successor
        else:
            self.put(parent + self.left, child)
            self.put(successor + self.right, right)
            self.set_parent(right, successor)
        self.put(successor + self.left, left)
        self.set_parent(left, successor)
        self.change_child(node, successor, self.parent(node))
        missing = parent if not child and self.u64(successor) & BLACK else 0
        if child:
            self.put(child, parent | BLACK)
        self.put(successor, self.u64(node))
        return missing


def run(tree: RbTree, phase: Phase, *data: Any) -> None:
    """All phases, of a tree that is not augmented."""
    following: Phase | None = phase
    while following is not None:
        _, following, data = following(tree, *data)


def insert(tree: RbTree, node: Virt) -> Outcome:
    """A red node has just been linked: repaint and rotate until no red node has a red parent."""
    parent = tree.u64(node)  # of a red node: no colour bit
    while parent and tree.is_red(parent):
        grandparent = tree.u64(parent)
        near, far = tree.sides(grandparent, parent)
        uncle = tree.u64(grandparent + far)
        if not tree.is_red(uncle):
            return _turn_inward(tree, node, parent, grandparent, near, far)
        tree.put(uncle, grandparent | BLACK)
        tree.put(parent, grandparent | BLACK)
        node, parent = grandparent, tree.parent(grandparent)
        tree.put(node, parent | RED)
    if not parent:
        tree.put(node, BLACK)
    return DONE


def _turn_inward(tree: RbTree, node: Virt, parent: Virt, grandparent: Virt, near: int, far: int) -> Outcome:
    """Two red nodes in a bend: straighten it first."""
    if node != tree.u64(parent + far):
        return _turn_over(tree, parent, grandparent, near, far)
    inner = tree.u64(node + near)
    tree.put(parent + far, inner)
    tree.put(node + near, parent)
    if inner:
        tree.put(inner, parent | BLACK)
    tree.put(parent, node | RED)
    return (parent, node), _turn_over, (node, grandparent, near, far)


def _turn_over(tree: RbTree, parent: Virt, grandparent: Virt, near: int, far: int) -> Outcome:
    """Two red nodes in a line: the upper one takes the grandparent's place."""
    inner = tree.u64(parent + far)
    tree.put(grandparent + near, inner)
    tree.put(parent + far, grandparent)
    if inner:
        tree.put(inner, grandparent | BLACK)
    tree.take_place(grandparent, parent, RED)
    return (grandparent, parent), None, ()


def erase_colour(tree: RbTree, parent: Virt, node: Virt = 0) -> Outcome:
    """All paths through node, a child of parent, have a black node less than the others: mend that."""
    near, far = tree.sides(parent, node)
    sibling = tree.u64(parent + far)
    if not tree.is_red(sibling):
        return _mend(tree, parent, sibling, near, far)
    inner = tree.u64(sibling + near)
    tree.put(parent + far, inner)
    tree.put(sibling + near, parent)
    tree.put(inner, parent | BLACK)
    tree.take_place(parent, sibling, RED)
    return (parent, sibling), _mend, (parent, inner, near, far)


def _mend(tree: RbTree, parent: Virt, sibling: Virt, near: int, far: int) -> Outcome:
    """The sibling is black."""
    outer, inner = tree.u64(sibling + far), tree.u64(sibling + near)
    if tree.is_red(outer):
        return _turn_back(tree, parent, sibling, outer, near, far)
    if not tree.is_red(inner):
        return _repaint(tree, parent, sibling)
    below = tree.u64(inner + far)
    tree.put(sibling + near, below)
    tree.put(inner + far, sibling)
    tree.put(parent + far, inner)
    if below:
        tree.put(below, sibling | BLACK)
    return (sibling, inner), _turn_back, (parent, inner, sibling, near, far)


def _repaint(tree: RbTree, parent: Virt, sibling: Virt) -> Outcome:
    """No red nephew: the sibling's side loses a black node as well, and the parent's parent is next."""
    tree.put(sibling, parent | RED)
    if tree.is_red(parent):
        tree.put(parent, tree.u64(parent) | BLACK)
        return DONE
    above = tree.parent(parent)
    return (None, erase_colour, (above, parent)) if above else DONE


def _turn_back(tree: RbTree, parent: Virt, sibling: Virt, outer: Virt, near: int, far: int) -> Outcome:
    """The outer nephew is red: the sibling takes the parent's place."""
    inner = tree.u64(sibling + near)
    tree.put(parent + far, inner)
    tree.put(sibling + near, parent)
    tree.put(outer, sibling | BLACK)
    if inner:
        tree.set_parent(inner, parent)
    tree.take_place(parent, sibling, BLACK)
    return (parent, sibling), None, ()
