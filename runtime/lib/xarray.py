"""The xarray: pointers by index, in a tree of nodes of 64 slots that lies in guest memory as Linux lays it out, so
inline readers see it.

An entry is NULL, a pointer, a value (2 * v + 1), or internal (4 * v + 2): a node's address plus 2, an error, or a
special mark. Each node has three bitmaps of marks; a bit of an inner node says that something below is marked. Arrays
that hand out numbers use mark 0 for "has a free slot". One entry that covers several indices is what this lacks:
whoever builds one stops.

Invariant: count of a node is the number of its slots that are not NULL, nr_values of those that hold values.
Linux: lib/xarray.c, include/linux/xarray.h, 6.1
"""

from functools import cache
from typing import Any, Protocol

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
        names = ("shift", "offset", "count", "nr_values", "parent", "array", "slots", "marks")
        at: list[int] = [abi.offset("xa_node", name) for name in names]
        self.shift, self.offset, self.count, self.nr_values = at[:4]
        self.parent, self.array, self.slots, self.marks = at[4:]
        self.flags: int = abi.offset("xarray", "xa_flags")
        self.head: int = abi.offset("xarray", "xa_head")
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
        at = self.lay
        return node + at.slots + 8 * offset if node else self.xa + at.head

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
        mem.put8(node + at.offset, offset if parent else 0)
        if parent:
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
