"""idr and ida: numbers, handed out lowest first. Both are xarrays whose mark 0 says where a number is free.

An idr keeps a pointer for each number, NULL as well: its nodes count numbers that are taken, not entries. An ida keeps
a bitmap of 1024 numbers in each entry, which is a value as long as only the first 63 are taken.

Linux: lib/radix-tree.c, idr_get_free(), lib/idr.c, 6.1
"""

from errno import ENOMEM, ENOSPC

from runtime.lib.xarray import ALL_MARKS, CHUNK_MASK, CHUNK_SHIFT, CHUNK_SIZE, FREE_MARK, Array, is_node, is_value
from runtime.lib.xarray_store import delete_nodes, store
from runtime.lib.xas import Xas
from runtime.units import Virt

IDA_BITS = 1024
VALUE_BITS = 63


def take(idr: Array, start: int, last: int, entry: int, gfp: int) -> int:
    """Take the lowest free index from start to last for an entry. Return: the index; -ENOSPC; -ENOMEM."""
    while True:
        head = idr.head
        top = idr.max_index(head) if head else 0
        if not idr.marked(FREE_MARK):
            start = max(start, top + 1)
        if start > last:
            return -ENOSPC
        shift = idr.shift(head - 2) + CHUNK_SHIFT if is_node(head) else 0
        if start > top:
            shift = _extend(idr, gfp, start, shift)
            if not shift:
                return -ENOMEM
        index, node, offset = _descend(idr, gfp, start, last, shift or CHUNK_SHIFT)
        if index < 0:
            return index
        if node:
            _put(idr, node, offset, index, entry)
            return index
        start = index  # nothing free below the head: it has to grow


def _extend(idr: Array, gfp: int, index: int, shift: int) -> int:
    """Put nodes above the head until an index fits. Return: shift of the head's slots and a digit more; 0 without
    memory.
    """
    highest = shift
    while index >> highest:
        highest += CHUNK_SHIFT
    entry = idr.head
    if entry or not idr.marked(FREE_MARK):
        while shift < highest:
            node = idr.nodes.alloc(gfp)
            if not node:
                return 0
            idr.init_node(node, shift, 0, 0)
            idr.add(node, 1, is_value(entry))
            idr.put_marks(node, FREE_MARK, ALL_MARKS if idr.marked(FREE_MARK) else ALL_MARKS - 1)
            idr.set_marked(FREE_MARK, True)
            if is_node(entry):
                idr.mem.put64(entry - 2 + idr.lay.parent, node)
            idr.mem.put64(idr.slot(node, 0), entry)
            idr.head = entry = node + 2
            shift += CHUNK_SHIFT
    return highest


def _descend(idr: Array, gfp: int, start: int, last: int, shift: int) -> tuple[int, Virt, int]:
    """(index, node, offset) of the first free slot from start on; node 0: the tree has none. index may be -errno."""
    node, offset, child = 0, 0, idr.head
    while shift:
        shift -= CHUNK_SHIFT
        if not child:
            made = idr.nodes.alloc(gfp)
            if not made:
                return -ENOMEM, 0, 0
            idr.init_node(made, shift, node, offset)
            idr.put_marks(made, FREE_MARK, ALL_MARKS)
            idr.mem.put64(idr.slot(node, offset), made + 2)
            child = made + 2
        elif not is_node(child):
            break
        node = child - 2
        offset = start >> shift & CHUNK_MASK
        if not idr.marks(node, FREE_MARK) >> offset & 1:
            rest = idr.marks(node, FREE_MARK) >> offset << offset
            offset = (rest & -rest).bit_length() - 1 if rest else CHUNK_SIZE
            start = (start & ~((CHUNK_SIZE << shift) - 1)) + (offset << shift)
            if start > last:
                return -ENOSPC, 0, 0
            while offset == CHUNK_SIZE:
                offset, node = idr.offset_in_parent(node) + 1, idr.parent(node)
                if not node:
                    return start, 0, 0
                shift = idr.shift(node)
        child = idr.entry(node, offset)
    return start, node, offset


def _put(idr: Array, node: Virt, offset: int, index: int, entry: int) -> None:
    idr.mem.put64(idr.slot(node, offset), entry)
    idr.add(node, 1, is_value(entry))
    Xas(idr, index, node, offset).clear_mark(FREE_MARK)


def place(idr: Array, index: int) -> Xas | None:
    """Where an index is, if it is taken."""
    xas = Xas(idr, index)
    xas.load()
    taken = not xas.invalid and xas.node and not xas.get_mark(FREE_MARK)
    return xas if taken else None


def remove(idr: Array, index: int) -> int:
    """Give an index back. Return: what was there."""
    xas = place(idr, index)
    if xas is None:
        return 0
    slot = idr.slot(xas.node, xas.offset)
    entry = idr.mem.u64(slot)
    xas.set_mark(FREE_MARK)
    idr.mem.put64(slot, 0)
    idr.add(xas.node, -1, -is_value(entry))
    delete_nodes(xas)
    return entry


def replace(idr: Array, index: int, entry: int) -> int | None:
    """Put another entry where one is. Return: the old one; None where the index is not taken."""
    xas = place(idr, index)
    if xas is None:
        return None
    slot = idr.slot(xas.node, xas.offset)
    old = idr.mem.u64(slot)
    idr.mem.put64(slot, entry)
    idr.add(xas.node, 0, is_value(entry) - is_value(old))
    return old


def empty(idr: Array) -> None:
    """Forget all entries."""
    if is_node(idr.head):
        idr.free_below(idr.head - 2)
    idr.head = 0
    idr.set_marked(FREE_MARK, True)


# ida


def ida_take(ida: Array, xas: Xas, low: int, high: int, bitmap: Virt) -> tuple[int | None, bool]:
    """Take the lowest free number from low to high; xas stands at low's bitmap. bitmap: an empty one to use, 0 for
    none.

    Return: (the number, -ENOSPC, or None where a bitmap is lacking; has bitmap been used?). xas fails where a node is
    lacking, and then the number is not taken.
    """
    first, bit = low // IDA_BITS, low % IDA_BITS
    while True:
        entry = xas.find_marked(high // IDA_BITS, FREE_MARK)
        if xas.index > first:
            bit = 0
        if xas.index * IDA_BITS + bit > high:
            return -ENOSPC, False
        taken = _bits(ida, entry)
        free = ~taken >> bit << bit & (1 << IDA_BITS) - 1
        found = (free & -free).bit_length() - 1 if free else IDA_BITS
        number = xas.index * IDA_BITS + found
        if number > high:
            return -ENOSPC, False
        if free:
            break
    if entry and not is_value(entry):
        _set_bits(ida, entry, taken | 1 << found)
        if taken | 1 << found == (1 << IDA_BITS) - 1:
            xas.clear_mark(FREE_MARK)
    elif found < VALUE_BITS:
        store(xas, (taken | 1 << found) << 1 | 1)
    elif not bitmap:
        return None, False
    else:
        store(xas, bitmap)
        if not xas.errno:
            _set_bits(ida, bitmap, taken | 1 << found)
            return number, True
    return number, False


def _bits(ida: Array, entry: int) -> int:
    """The numbers of an entry that are taken."""
    if not entry:
        return 0
    return entry >> 1 if is_value(entry) else int.from_bytes(ida.mem.read(entry, IDA_BITS // 8), "little")


def _set_bits(ida: Array, bitmap: Virt, bits: int) -> None:
    ida.mem.write(bitmap, bits.to_bytes(IDA_BITS // 8, "little"))


def ida_give(ida: Array, number: int) -> tuple[bool, Virt]:
    """Give a number back. Return: (was it taken?, a bitmap that is to be freed or 0)."""
    xas = Xas(ida, number // IDA_BITS)
    entry = xas.load()
    taken, bit = _bits(ida, entry), 1 << number % IDA_BITS
    if not taken & bit:
        return False, 0
    taken &= ~bit
    if is_value(entry):
        store(xas, taken << 1 | 1 if taken else 0)
        return True, 0
    _set_bits(ida, entry, taken)
    xas.set_mark(FREE_MARK)
    if taken:
        return True, 0
    store(xas, 0)
    return True, entry


def ida_bitmaps(ida: Array) -> list[Virt]:
    """The bitmaps of an ida, and take everything out of it."""
    found, xas = [], Xas(ida, 0)
    while entry := xas.find((1 << 64) - 1):
        if not is_value(entry):
            found.append(entry)
        store(xas, 0)
        xas = Xas(ida, xas.index + 1)
    return found
