"""Red-black trees in guest memory against a sorted list, with Hypothesis; colours and links hold after each change."""

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.abi import load
from runtime.arch import x86_64 as arch
from runtime.lib import rbtree
from runtime.lib.rbtree import BLACK, RbTree
from runtime.units import MiB
from tests.runtime.tiny import Space

ABI = load()
ROOT = arch.VMALLOC_START
KEYS = st.integers(0, 60)


def node_of(key: int) -> int:
    return ROOT + 64 + key * 32


def key_of(node: int) -> int:
    return (node - ROOT - 64) // 32


def make() -> RbTree:
    space = Space()
    space.tables.map_range(ROOT, 1 * MiB, 4096, arch.KERNEL)
    return RbTree(space.mem, ABI, ROOT)


def insert(tree: RbTree, key: int) -> None:
    """rb_link_node() and rb_insert_color()."""
    link, parent = tree.root, 0
    while node := tree.u64(link):
        parent, link = node, node + (tree.left if key < key_of(node) else tree.right)
    node = node_of(key)
    tree.put(node, parent)
    tree.put(node + tree.left, 0)
    tree.put(node + tree.right, 0)
    tree.put(link, node)
    rbtree.run(tree, rbtree.insert, node)


def erase(tree: RbTree, key: int) -> None:
    missing = tree.unlink(node_of(key))
    if missing:
        rbtree.run(tree, rbtree.erase_colour, missing)


def black_height(tree: RbTree, node: int, parent: int) -> int:
    """Raises AssertionError where a rule of the tree is broken."""
    if not node:
        return 1
    assert tree.parent(node) == parent
    assert not (tree.is_red(node) and tree.is_red(parent))
    heights = {black_height(tree, tree.u64(node + side), node) for side in (tree.left, tree.right)}
    assert len(heights) == 1
    return heights.pop() + (tree.u64(node) & BLACK)


def in_order(tree: RbTree) -> list[int]:
    node, found = tree.first(), []
    while node:
        found.append(key_of(node))
        node = tree.next(node)
    return found


@given(st.lists(KEYS, max_size=80))
@settings(max_examples=150, deadline=None)
def test_a_tree_holds_what_a_set_holds_in_order(keys: list[int]) -> None:
    tree = make()
    model: set[int] = set()
    for key in keys:
        if key in model:
            erase(tree, key)
            model.remove(key)
        else:
            insert(tree, key)
            model.add(key)
        root = tree.u64(tree.root)
        assert not tree.is_red(root)
        black_height(tree, root, 0)
    assert in_order(tree) == sorted(model)
    node, backwards = tree.last(), []
    while node:
        backwards.append(key_of(node))
        node = tree.prev(node)
    assert backwards == sorted(model, reverse=True)


@given(st.sets(KEYS, min_size=1))
@settings(max_examples=50, deadline=None)
def test_a_walk_that_frees_sees_children_before_their_parent(keys: set[int]) -> None:
    tree = make()
    for key in keys:
        insert(tree, key)
    node, seen = tree.first_postorder(), list[int]()
    while node:
        assert all(not below or below in seen for below in (tree.u64(node + tree.left), tree.u64(node + tree.right)))
        seen.append(node)
        node = tree.next_postorder(node)
    assert sorted(map(key_of, seen)) == sorted(keys)


@given(st.sets(KEYS, min_size=1), st.data())
@settings(max_examples=50, deadline=None)
def test_a_replaced_node_leaves_order_and_colours(keys: set[int], data: st.DataObject) -> None:
    tree = make()
    for key in keys:
        insert(tree, key)
    victim = data.draw(st.sampled_from(sorted(keys)))
    new = node_of(100)
    tree.replace(node_of(victim), new)
    black_height(tree, tree.u64(tree.root), 0)
    assert in_order(tree) == [100 if key == victim else key for key in sorted(keys)]


def test_an_empty_tree_has_no_end_and_a_node_outside_no_neighbour() -> None:
    tree = make()
    assert tree.first() == tree.last() == tree.first_postorder() == 0
    alone = node_of(3)
    tree.put(alone, alone)
    assert tree.next(alone) == tree.prev(alone) == 0
