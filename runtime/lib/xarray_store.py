"""Changing an xarray: making the nodes that lead to an index, storing there, and taking away what is empty.

Linux: lib/xarray.c, xas_create(), xas_store(), xas_delete_node(), xas_shrink(), 6.1
"""

from errno import ENOMEM

from runtime.lib.xarray import (
    ALL_MARKS,
    BOUNDS,
    CHUNK_SHIFT,
    CHUNK_SIZE,
    FREE_MARK,
    NR_MARKS,
    RESTART,
    RETRY_ENTRY,
    ZERO_ENTRY,
    Array,
    errno_of,
    is_node,
    is_value,
)
from runtime.lib.xas import Xas, out_of_memory
from runtime.units import Virt


def store(xas: Xas, entry: int) -> int:
    """Store an entry at the state's index, 0 to erase. Return: what was there.

    Without memory the state fails with ENOMEM.
    """
    first = _create(xas, not (is_node(entry) or entry == ZERO_ENTRY)) if entry else xas.load()
    if xas.invalid or first == entry:
        return first
    array, node = xas.array, xas.node
    if not entry:
        xas.init_marks()
    array.mem.put64(array.slot(node, xas.offset), entry)
    if is_node(first) and (not node or array.shift(node)):
        array.free_below(first - 2)
    if node:
        count = (not first) - (not entry)
        array.add(node, count, is_value(entry) - is_value(first))
        if count < 0:
            delete_nodes(xas)
    return first


def take_node(xas: Xas, gfp: int) -> bool:
    """After a store: allocate the node that it lacked, with the caller's gfp. Return: store again; else a spare node is
    freed.
    """
    array = xas.array
    if not out_of_memory(xas):
        if xas.spare:
            array.nodes.free(xas.spare)
            xas.spare = 0
        return False
    xas.spare = array.nodes.alloc(gfp | array.lay.GFP_ACCOUNT if array.flags & array.lay.account else gfp)
    if not xas.spare:
        return False
    array.mem.put64(xas.spare + array.lay.parent, 0)
    xas.node = RESTART
    return True


def destroy(array: Array) -> None:
    """Take everything out of an array."""
    xas = Xas(array, 0, node=0)
    entry, array.head = array.head, 0
    xas.init_marks()
    if array.flags & array.lay.zero_busy:
        array.set_marked(FREE_MARK, False)
    if is_node(entry):
        array.free_below(entry - 2)


def _alloc(xas: Xas, shift: int) -> Virt:
    """A node below the state's. Return: 0, and the state fails, without memory."""
    array, parent = xas.array, xas.node
    node, xas.spare = xas.spare, 0
    if not node:
        gfp = array.lay.GFP_FIRST
        node = array.nodes.alloc(gfp | array.lay.GFP_ACCOUNT if array.flags & array.lay.account else gfp)
        if not node:
            xas.fail(ENOMEM)
            return 0
    array.init_node(node, shift, parent, xas.offset)
    return node


def _create(xas: Xas, allow_root: bool) -> int:
    """Make the nodes on the way to the state's index. Return: the entry there."""
    array = xas.array
    if xas.node in (0, BOUNDS, RESTART):
        entry = array.head
        xas.node = 0
        shift = _expand(xas, entry or (ZERO_ENTRY if array.flags & array.lay.zero_busy else 0))
        if shift < 0:
            return 0
        if not shift and not allow_root:
            shift = CHUNK_SHIFT
        entry, slot = array.head, array.slot(0, 0)
    elif errno_of(xas.node):
        return 0
    else:
        shift, slot = array.shift(xas.node), array.slot(xas.node, xas.offset)
        entry = array.mem.u64(slot)
    return _create_down(xas, entry, slot, shift)


def _create_down(xas: Xas, entry: int, slot: Virt, shift: int) -> int:
    array = xas.array
    while shift > 0:
        shift -= CHUNK_SHIFT
        if not entry:
            node = _alloc(xas, shift)
            if not node:
                break
            if array.tracks_free:
                array.put_marks(node, FREE_MARK, ALL_MARKS)
            array.mem.put64(slot, node + 2)
        elif is_node(entry):
            node = entry - 2
        else:
            break
        entry = xas.descend(node)
        slot = array.slot(node, xas.offset)
    return entry


def _expand(xas: Xas, head: int) -> int:
    """Put nodes above the head until the index fits. Return: shift of the index's digit in the topmost slot; -1 without
    memory.
    """
    array, shift = xas.array, 0
    if not head:
        if not xas.index:
            return 0
        while xas.index >> shift >= CHUNK_SIZE:
            shift += CHUNK_SHIFT
        return shift + CHUNK_SHIFT
    if is_node(head):
        shift = array.shift(head - 2) + CHUNK_SHIFT
    while xas.index > array.max_index(head):
        node = _alloc(xas, shift)
        if not node:
            return -1
        head = _put_above(array, node, head)
        shift += CHUNK_SHIFT
        xas.node = 0
    return shift


def _put_above(array: Array, node: Virt, head: int) -> int:
    """The head becomes the first entry of a new node, which becomes the head."""
    array.add(node, 1, is_value(head))
    array.mem.put64(array.slot(node, 0), head)
    for mark in range(NR_MARKS):
        if mark == FREE_MARK and array.tracks_free:
            array.put_marks(node, mark, ALL_MARKS if array.marked(mark) else ALL_MARKS - 1)
            array.set_marked(mark, True)
        elif array.marked(mark):
            array.put_marks(node, mark, array.marks(node, mark) | 1)
    if is_node(head):
        array.mem.put8(head - 2 + array.lay.offset, 0)
        array.mem.put64(head - 2 + array.lay.parent, node)
    array.head = node + 2
    return node + 2


def delete_nodes(xas: Xas) -> None:
    """Free the state's node if it is empty, and those above it."""
    array, node = xas.array, xas.node
    while not array.count(node):
        parent = array.parent(node)
        xas.node, xas.offset = parent, array.offset_in_parent(node)
        array.free_node(node)
        if not parent:
            array.head = 0
            xas.node = BOUNDS
            return
        array.mem.put64(array.slot(parent, xas.offset), 0)
        array.add(parent, -1, 0)
        node = parent
    if not array.parent(node):
        _shrink(xas)


def _shrink(xas: Xas) -> None:
    """Take nodes away that only have a first entry: the head is that entry then."""
    array, node = xas.array, xas.node
    while array.count(node) == 1:
        entry = array.entry(node, 0)
        if not entry or not is_node(entry) and (array.shift(node) or array.idr):
            break
        if entry == ZERO_ENTRY and array.flags & array.lay.zero_busy:
            entry = 0
        xas.node = BOUNDS
        array.head = entry
        if array.tracks_free and not array.marks(node, FREE_MARK) & 1:
            array.set_marked(FREE_MARK, False)
        array.mem.put8(node + array.lay.count, 0)
        array.mem.put8(node + array.lay.nr_values, 0)
        if not is_node(entry):
            array.mem.put64(array.slot(node, 0), RETRY_ENTRY)
        array.free_node(node)
        if not is_node(entry):
            break
        node = entry - 2
        array.mem.put64(node + array.lay.parent, 0)
