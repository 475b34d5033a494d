"""An xarray in a small guest, with nodes from a list that can run dry, and the array's invariants."""

from typing import Any

from runtime.abi import load
from runtime.arch import x86_64 as arch
from runtime.lib.xarray import CHUNK_SIZE, FREE_MARK, NR_MARKS, Array, is_node, is_value
from runtime.units import MiB
from tests.runtime.tiny import Space

ABI = load()
BASE = arch.VMALLOC_START
SIZE = ABI.sizeof("xa_node")


class Nodes:
    """Gives 576 bytes at a time; budget: how many more it has, -1 for any number."""

    def __init__(self, space: Space) -> None:
        self.space, self.next, self.live, self.budget = space, BASE + 4096, set[int](), -1
        self.idle: list[int] = []

    def alloc(self, gfp: int) -> int:
        if not self.budget:
            return 0
        self.budget -= 1
        node = self.idle.pop() if self.idle else self.next
        if node == self.next:
            self.next += SIZE
        self.space.mem.write(node, bytes(SIZE))
        self.live.add(node)
        return node

    def free(self, node: int) -> None:
        self.live.remove(node)
        self.idle.append(node)


def make(flags: int = 0, idr: bool = False) -> tuple[Array, Nodes]:
    """An empty array."""
    space = Space()
    space.tables.map_range(BASE, 1 * MiB, 4 * MiB, arch.KERNEL)
    nodes = Nodes(space)
    array = Array(space.mem, ABI, nodes, BASE, idr)
    array.flags = flags
    return array, nodes


def check(array: Array, nodes: Nodes, idr: bool = False) -> dict[int, int]:
    """The entries by index. Raises AssertionError where a node's counters, marks or links are wrong."""
    entries: dict[int, int] = {}
    seen: set[int] = set()
    head = array.head
    if is_node(head):
        assert array.parent(head - 2) == 0
        _check_node(array, head - 2, 0, entries, seen, idr)
    elif head:
        entries[0] = head
    assert seen == nodes.live, "a node is lost"
    for mark in range(NR_MARKS):
        if is_node(head):
            assert array.marked(mark) == bool(array.marks(head - 2, mark))
    return entries


def _check_node(array: Array, node: int, first: int, entries: dict[int, int], seen: set[int], idr: bool) -> None:
    seen.add(node)
    count = values = 0
    shift = array.shift(node)
    for offset in range(CHUNK_SIZE):
        entry, index = array.entry(node, offset), first + (offset << shift)
        marks = [array.marks(node, mark) >> offset & 1 for mark in range(NR_MARKS)]
        taken = not marks[FREE_MARK] if idr and not shift else bool(entry)
        count, values = count + taken, values + is_value(entry)
        if is_node(entry) and shift:
            child = entry - 2
            assert (array.parent(child), array.offset_in_parent(child)) == (node, offset)
            assert array.shift(child) == shift - 6
            assert marks == [int(array.marks(child, mark) != 0) for mark in range(NR_MARKS)]
            _check_node(array, child, index, entries, seen, idr)
        elif entry:
            assert not shift
            entries[index] = entry
        elif not array.tracks_free:
            assert not any(marks)
    assert array.count(node) == count > 0
    assert array.mem.u8(node + array.lay.nr_values) == values


def const(name: str) -> Any:
    return ABI.const[name]
