"""A place in an xarray, struct xa_state: walking to an index, searching, marks.

node is the address of a node, 0 for the array's head, or one of BOUNDS, RESTART and errors.

Linux: lib/xarray.c, xas_load(), xas_find(), xas_find_marked(), xas_set_mark(), 6.1
"""

from errno import ENOMEM

from runtime.errors import Unsupported
from runtime.lib.xarray import (
    BOUNDS,
    CHUNK_MASK,
    CHUNK_SIZE,
    FREE_MARK,
    NR_MARKS,
    RESTART,
    Array,
    errno_of,
    error,
    is_internal,
    is_node,
)
from runtime.units import Virt

_MASK = (1 << 64) - 1


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
        self.index = (self.index & ~CHUNK_MASK << shift) + (offset << shift) & _MASK

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
        """The next entry with a mark at or behind index. An array that hands out numbers finds free slots by FREE_MARK:
        then index says where, node is not RESTART, and the entry may be 0."""
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
