"""kfifo.h: queues of elements in a ring whose size is a power of two. `in` and `out` count all that ever went in and
out; what lies between them is in the queue.

Linux: lib/kfifo.c, 6.1
"""

from errno import EINVAL, ENOMEM
from typing import Annotated, Any

from kapi.registry import export
from runtime.c import const_void_p, gfp_t, int_, pointer, size_t, unsigned_int, void_p
from runtime.kernel import Kernel

kfifo_p = Annotated[int, pointer("__kfifo")]
_U32 = 0xFFFFFFFF


def _fifo(k: Kernel, fifo: int) -> Any:
    return k.abi.view("__kfifo")(k.mem, fifo)


def _make(fifo: Any, data: int, size: int, esize: int) -> None:
    fifo.in_ = fifo.out = 0
    fifo.esize, fifo.data, fifo.mask = esize, data, size - 1 if size > 1 and data else 0


@export
def __kfifo_alloc(k: Kernel, fifo: kfifo_p, size: unsigned_int, esize: size_t, gfp_mask: gfp_t) -> int_:
    """Make a queue of size elements (rounded up to a power of two) of esize bytes.

    Return: 0; -EINVAL for fewer than 2; -ENOMEM.
    """
    size = 1 << (size - 1).bit_length() if size else 0
    data = k.slab.kmalloc(size * esize, gfp_mask) if size > 1 and size * esize >> 64 == 0 else 0
    _make(_fifo(k, fifo), data, size, esize)
    if size < 2:
        return -EINVAL
    return 0 if data else -ENOMEM


@export
def __kfifo_init(k: Kernel, fifo: kfifo_p, buffer: void_p, size: unsigned_int, esize: size_t) -> int_:
    """Make a queue in a buffer of size bytes: as many elements as fit, rounded down to a power of two. Return: 0, or
    -EINVAL for fewer than 2.
    """
    count = size // esize
    count = 1 << count.bit_length() - 1 if count else 0
    _make(_fifo(k, fifo), buffer, count, esize)
    return 0 if count > 1 else -EINVAL


@export
def __kfifo_free(k: Kernel, fifo: kfifo_p) -> None:
    view = _fifo(k, fifo)
    k.slab.kfree(view.data)
    _make(view, 0, 0, 0)


def _used(fifo: Any) -> int:
    return int(fifo.in_ - fifo.out) & _U32


def _place(fifo: Any, index: int, count: int) -> tuple[int, int, int]:
    """(address of an element, bytes of count elements up to the end of the ring, bytes that begin the ring anew)."""
    at = (index & fifo.mask) * fifo.esize
    total = count * fifo.esize
    first = min(total, (fifo.mask + 1) * fifo.esize - at)
    return fifo.data + at, first, total - first


@export
def __kfifo_in(k: Kernel, fifo: kfifo_p, buf: const_void_p, len: unsigned_int) -> unsigned_int:
    """Append len elements. Return: how many there was room for."""
    view = _fifo(k, fifo)
    count: int = min(len, view.mask + 1 - _used(view))
    at, first, rest = _place(view, view.in_, count)
    data = k.mem.read(buf, first + rest)
    k.mem.write(at, data[:first])
    k.mem.write(view.data, data[first:])
    view.in_ = view.in_ + count & _U32
    return count


@export
def __kfifo_out_peek(k: Kernel, fifo: kfifo_p, buf: void_p, len: unsigned_int) -> unsigned_int:
    """Copy the first len elements. Return: how many there are."""
    view = _fifo(k, fifo)
    count: int = min(len, _used(view))
    at, first, rest = _place(view, view.out, count)
    k.mem.write(buf, k.mem.read(at, first) + k.mem.read(view.data, rest))
    return count


@export
def __kfifo_out(k: Kernel, fifo: kfifo_p, buf: void_p, len: unsigned_int) -> unsigned_int:
    """Take the first len elements out. Return: how many there were."""
    count = __kfifo_out_peek(k, fifo, buf, len)
    view = _fifo(k, fifo)
    view.out = view.out + count & _U32
    return count


@export
def __kfifo_max_r(k: Kernel, len: unsigned_int, recsize: size_t) -> unsigned_int:
    """The longest record up to len bytes whose length recsize bytes can say."""
    return min(len, (1 << 8 * recsize) - 1)
