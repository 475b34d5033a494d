"""The xarray: pointers by index, in a tree of nodes of 64 slots that lies in guest memory as Linux lays it out, so inline readers see it.

An entry is NULL, a pointer, a value (2 * v + 1), or internal (4 * v + 2): a node's address plus 2, an error, or a special mark. Each node has
three bitmaps of marks; a bit of an inner node says that something below is marked. Arrays that hand out numbers use mark 0 for "has a free
slot". One entry that covers several indices is what this lacks: whoever builds one stops.

Xas is struct xa_state: where in an array we are. node is the address of a node, 0 for the array's head, or one of BOUNDS, RESTART and errors.

Invariant: count of a node is the number of its slots that are not NULL, nr_values of those that hold values.
Linux: lib/xarray.c, include/linux/xarray.h, 6.1
"""

from errno import ENOMEM
from functools import cache
from typing import Any, Protocol

from runtime.errors import Unsupported
from runtime.memory import Memory
from runtime.units import Virt

CHUNK_SHIFT, CHUNK_SIZE, CHUNK_MASK = 6, 64, 63
NR_MARKS = 3
FREE_MARK = 0
BOUNDS, RESTART = 1, 3
RETRY_ENTRY, ZERO_ENTRY = 256 << 2 | 2, 257 << 2 | 2
ALL_MARKS = (1 << 64) - 1
_MASK = (1 << 64) - 1
_LAST_INTERNAL = 4096  # internal entries above are nodes


class Nodes(Protocol):
    """Who allocates nodes."""

    def alloc(self, gfp: int) -> Virt: ...
    def free(self, node: Virt) -> None: ...


class Layout:
    """Offsets and flags, read from the ABI once."""

    def __init__(self, abi: Any) -> None:
        at = {name: abi.offset("xa_node", name) for name in ("shift", "offset", "count", "nr_values", "parent", "array", "slots", "marks")}
        self.shift, self.offset, self.count, self.nr_values = at["shift"], at["offset"], at["count"], at["nr_values"]
        self.parent, self.array, self.slots, self.marks = at["parent"], at["array"], at["slots"], at["marks"]
        self.private_list = abi.offset("xa_node", "private_list")
        self.node_size = abi.sizeof("xa_node")
        self.flags, self.head = abi.offset("xarray", "xa_flags"), abi.offset("xarray", "xa_head")
        const = abi.const
        self.track_free, self.zero_busy, self.account = (
            const[f"XA_FLAGS_{name}"] for name in ("TRACK_FREE", "ZERO_BUSY", "ACCOUNT"))  # fmt: skip
        self.first_mark = 1 << const["__GFP_BITS_SHIFT"]
        self.GFP_ACCOUNT, self.GFP_FIRST = const["__GFP_ACCOUNT"], const["GFP_NOWAIT"] | const["__GFP_NOWARN"]


@cache
def layout(abi: Any) -> Layout:
    """The one of an ABI."""
    return Layout(abi)


def is_node(entry: int) -> bool:
    return entry & 3 == 2 and entry > _LAST_INTERNAL and entry < _MASK - 4 * 4096


def is_value(entry: int) -> bool:
    return bool(entry & 1)


def is_internal(entry: int) -> bool:
    return entry & 3 == 2


def is_advanced(entry: int) -> bool:
    """An internal entry that only the advanced interface may store."""
    return is_internal(entry) and entry <= RETRY_ENTRY


def error(errno: int) -> int:
    """-errno as an entry, and as the node of a state that has failed."""
    return (-errno << 2 | 2) & _MASK


def errno_of(node: int) -> int:
    """-errno of such an entry; 0 of any other."""
    return (node >> 2) - (1 << 62) if node & 3 == 2 and node > _MASK - 4 * 4096 else 0


class Array:
    """One struct xarray, at xa, and its nodes. idr: it is that of an idr, which never keeps an entry in the head."""

    def __init__(self, mem: Memory, abi: Any, nodes: Nodes, xa: Virt, idr: bool = False) -> None:
        self.mem, self.lay, self.nodes, self.xa, self.idr = mem, layout(abi), nodes, xa, idr

    @property
    def flags(self) -> int:
        return self.mem.u32(self.xa + self.lay.flags)

    @flags.setter
    def flags(self, flags: int) -> None:
        self.mem.put32(self.xa + self.lay.flags, flags)

    @property
    def head(self) -> int:
        return self.mem.u64(self.xa + self.lay.head)

    @head.setter
    def head(self, entry: int) -> None:
        self.mem.put64(self.xa + self.lay.head, entry)

    @property
    def tracks_free(self) -> bool:
        return bool(self.flags & self.lay.track_free)

    def marked(self, mark: int) -> bool:
        """Is any entry marked?"""
        return bool(self.flags & self.lay.first_mark << mark)

    def set_marked(self, mark: int, on: bool) -> None:
        bit = self.lay.first_mark << mark
        self.flags = self.flags | bit if on else self.flags & ~bit

    # Nodes
    def slot(self, node: Virt, offset: int) -> Virt:
        """Where a slot lies; without a node, the head."""
        return node + self.lay.slots + 8 * offset if node else self.xa + self.lay.head

    def entry(self, node: Virt, offset: int) -> int:
        return self.mem.u64(self.slot(node, offset))

    def shift(self, node: Virt) -> int:
        return self.mem.u8(node + self.lay.shift)

    def offset_in_parent(self, node: Virt) -> int:
        return self.mem.u8(node + self.lay.offset)

    def count(self, node: Virt) -> int:
        return self.mem.u8(node + self.lay.count)

    def parent(self, node: Virt) -> Virt:
        return self.mem.u64(node + self.lay.parent)

    def add(self, node: Virt, count: int, values: int) -> None:
        """Change the counters of a node."""
        at = self.lay
        self.mem.put8(node + at.count, self.mem.u8(node + at.count) + count)
        self.mem.put8(node + at.nr_values, self.mem.u8(node + at.nr_values) + values)

    def marks(self, node: Virt, mark: int) -> int:
        return self.mem.u64(node + self.lay.marks + 8 * mark)

    def put_marks(self, node: Virt, mark: int, bits: int) -> None:
        self.mem.put64(node + self.lay.marks + 8 * mark, bits)

    def init_node(self, node: Virt, shift: int, parent: Virt, offset: int) -> None:
        """A node that has just been allocated; its parent counts it."""
        at, mem = self.lay, self.mem
        if parent:
            mem.put8(node + at.offset, offset)
            self.add(parent, 1, 0)
        mem.put8(node + at.shift, shift)
        mem.put8(node + at.count, 0)
        mem.put8(node + at.nr_values, 0)
        mem.put64(node + at.parent, parent)
        mem.put64(node + at.array, self.xa)

    def free_node(self, node: Virt) -> None:
        self.mem.put64(node + self.lay.array, 1)
        self.nodes.free(node)

    def max_index(self, entry: int) -> int:
        """The largest index that fits below an entry of the head."""
        return (CHUNK_SIZE << self.shift(entry - 2)) - 1 if is_node(entry) else 0

    def free_below(self, top: Virt) -> None:
        """Free a node and all below it."""
        for offset in range(CHUNK_SIZE):
            entry = self.entry(top, offset)
            if is_node(entry) and self.shift(top):
                self.free_below(entry - 2)
            elif entry:
                self.mem.put64(self.slot(top, offset), RETRY_ENTRY)
        self.mem.put8(top + self.lay.count, 0)
        self.mem.put8(top + self.lay.nr_values, 0)
        self.free_node(top)


class Xas:
    """A place in an array. spare: a node that was allocated in advance, 0 for none."""

    def __init__(self, array: Array, index: int, node: int = RESTART, offset: int = 0, spare: Virt = 0) -> None:
        self.array, self.index, self.node, self.offset, self.spare = array, index, node, offset, spare

    @property
    def errno(self) -> int:
        """-errno, 0 where nothing has failed."""
        return errno_of(self.node)

    @property
    def invalid(self) -> bool:
        """BOUNDS, RESTART or an error."""
        return bool(self.node & 3)

    def fail(self, errno: int) -> None:
        self.node = error(errno)

    def _bounds(self) -> int:
        self.node = BOUNDS
        return 0

    def _offset_of(self, node: Virt) -> int:
        return self.index >> self.array.shift(node) & CHUNK_MASK

    def move_index(self, offset: int) -> None:
        shift = self.array.shift(self.node)
        self.index = (self.index & ~(CHUNK_MASK << shift)) + (offset << shift) & _MASK

    def _next_offset(self) -> None:
        self.offset += 1
        self.move_index(self.offset)

    def _up(self) -> None:
        """Behind the node that we are in."""
        self.offset = self.array.offset_in_parent(self.node) + 1
        self.node = self.array.parent(self.node)

    # Reading
    def start(self) -> int:
        """The entry where a walk begins."""
        array = self.array
        if not self.invalid:
            return array.entry(self.node, self.offset)
        if self.errno:
            return 0
        entry = array.head
        if self.index >> array.shift(entry - 2) > CHUNK_MASK if is_node(entry) else self.index:
            return self._bounds()
        self.node = 0
        return entry

    def descend(self, node: Virt) -> int:
        self.node, self.offset = node, self._offset_of(node)
        return self.array.entry(node, self.offset)

    def load(self) -> int:
        """The entry at index, 0 for none."""
        entry = self.start()
        while is_node(entry):
            node = entry - 2
            entry = self.descend(node)
            if not self.array.shift(node):
                break
        return _single(entry)

    def find(self, last: int) -> int:
        """The next entry at or behind index, up to last; index moves there. 0 for none."""
        if self.errno or self.node == BOUNDS:
            return 0
        if self.index > last:
            return self._bounds()
        if not self.node:
            self.index = 1
            return self._bounds()
        if self.node == RESTART:
            entry = self.load()
            if entry or self.invalid or not self.node:
                return entry
        elif not self.array.shift(self.node) and self.offset != self.index & CHUNK_MASK:
            self.offset = (self.index - 1 & CHUNK_MASK) + 1
        self._next_offset()
        return self._find_from_here(last)

    def _find_from_here(self, last: int) -> int:
        while self.node and self.index <= last:
            if self.offset == CHUNK_SIZE:
                self._up()
                continue
            entry = self.array.entry(self.node, self.offset)
            if is_node(entry):
                self.node, self.offset = entry - 2, 0
            elif entry:
                return _single(entry)
            else:
                self._next_offset()
        if not self.node:
            self.node = BOUNDS
        return 0

    def find_marked(self, last: int, mark: int) -> int:
        """The next entry with a mark at or behind index. An array that hands out numbers finds free slots by FREE_MARK: then index says
        where, node is not RESTART, and the entry may be 0."""
        advance = True
        if self.errno:
            return 0
        if self.index > last:
            return self._past()
        if not self.node:
            self.index = 1
            return self._out(last)
        if self.invalid:
            advance, entry = False, self.array.head
            self.node = 0
            if self.index > self.array.max_index(entry):
                return self._out(last)
            if not is_node(entry):
                if self.array.marked(mark):
                    return entry
                self.index = 1
                return self._out(last)
            self.node = entry - 2
            self.offset = self.index >> self.array.shift(self.node)
        return self._find_marked_below(last, mark, advance)

    def _find_marked_below(self, last: int, mark: int, advance: bool) -> int:
        array = self.array
        while self.index <= last:
            if self.offset == CHUNK_SIZE:
                self._up()
                if not self.node:
                    break
                advance = False
                continue
            start = self.offset + advance
            marks = array.marks(self.node, mark) >> start << start
            offset = (marks & -marks).bit_length() - 1 if marks else CHUNK_SIZE
            if offset > self.offset:
                advance = False
                self.move_index(offset)
                if (self.index - 1 & _MASK) >= last:
                    return self._past()
                self.offset = offset
                if offset == CHUNK_SIZE:
                    continue
            entry = array.entry(self.node, self.offset)
            if not entry and not (array.tracks_free and mark == FREE_MARK):
                continue
            if not is_node(entry):
                return _single(entry)
            self.node = entry - 2
            self.offset = self._offset_of(self.node)
        return self._out(last)

    def _past(self) -> int:
        self.node = RESTART
        return 0

    def _out(self, last: int) -> int:
        return self._past() if self.index > last else self._bounds()

    # Marks
    def get_mark(self, mark: int) -> bool:
        if self.invalid:
            return False
        return bool(self.array.marks(self.node, mark) >> self.offset & 1) if self.node else self.array.marked(mark)

    def set_mark(self, mark: int) -> None:
        """Mark the entry, and the way down to it."""
        array, node, offset = self.array, self.node, self.offset
        if self.invalid:
            return
        while node:
            marks = array.marks(node, mark)
            if marks >> offset & 1:
                return
            array.put_marks(node, mark, marks | 1 << offset)
            node, offset = array.parent(node), array.offset_in_parent(node)
        array.set_marked(mark, True)

    def clear_mark(self, mark: int) -> None:
        """Unmark the entry, and the nodes above in which nothing else is marked."""
        array, node, offset = self.array, self.node, self.offset
        if self.invalid:
            return
        while node:
            marks = array.marks(node, mark)
            if not marks >> offset & 1:
                return
            array.put_marks(node, mark, marks & ~(1 << offset))
            if marks != 1 << offset:
                return
            node, offset = array.parent(node), array.offset_in_parent(node)
        array.set_marked(mark, False)

    def init_marks(self) -> None:
        """The marks of an empty slot."""
        for mark in range(NR_MARKS):
            if mark == FREE_MARK and self.array.tracks_free:
                self.set_mark(mark)
            else:
                self.clear_mark(mark)


def _single(entry: int) -> int:
    """An entry that stands for itself. Raises: Unsupported for one that covers several indices."""
    if is_internal(entry) and entry < 62 << 2:
        raise Unsupported("an xarray with entries that cover several indices")
    return entry


def out_of_memory(xas: Xas) -> bool:
    """Does the state wait for a node?"""
    return xas.node == error(ENOMEM)
