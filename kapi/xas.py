"""xarray.h, the advanced interface: the caller keeps a place in an array, struct xa_state, and the array's lock.

Linux: lib/xarray.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, has_from_boot
from kapi.xarray import array_of, from_boot
from runtime.c import bool_, gfp_t, pointer, unsigned_int, unsigned_long, void_p
from runtime.errors import Unsupported
from runtime.kernel import Kernel
from runtime.lib.xarray import BOUNDS, CHUNK_MASK, CHUNK_SIZE, RESTART, is_node
from runtime.lib.xarray_store import store, take_node
from runtime.lib.xas import Xas

xa_state_p = Annotated[int, pointer("xa_state")]
_MASK = (1 << 64) - 1
has_from_boot(__name__, from_boot)


def _load(k: Kernel, at: int) -> Xas:
    """The caller's place. Raises: Unsupported for one of several indices, and for one with a function to call."""
    state = k.abi.view("xa_state")(k.mem, at)
    if state.xa_shift or state.xa_sibs or state.xa_update:
        raise Unsupported("an xa_state for entries that cover several indices, or with an update function")
    return Xas(array_of(k, state.xa), state.xa_index, state.xa_node, state.xa_offset, state.xa_alloc)


def _save(k: Kernel, at: int, xas: Xas) -> None:
    state = k.abi.view("xa_state")(k.mem, at)
    state.xa_index, state.xa_node, state.xa_offset, state.xa_alloc = xas.index, xas.node, xas.offset, xas.spare


@export
def xas_load(k: Kernel, xas: xa_state_p) -> void_p:
    """Walk to the state's index. Return: the entry, NULL for none; it may be a reserved one."""
    place = _load(k, xas)
    entry = place.load()
    _save(k, xas, place)
    return entry


@export
def xas_store(k: Kernel, xas: xa_state_p, entry: void_p) -> void_p:
    """Store an entry, NULL to erase. Return: the old one.

    Without memory the state fails: call xas_nomem(), then this again.
    """
    place = _load(k, xas)
    old = store(place, entry)
    _save(k, xas, place)
    return old


@export
def xas_nomem(k: Kernel, xas: xa_state_p, gfp: gfp_t) -> bool_:
    """Allocate the node that xas_store() lacked. Return: 1 where the caller has to try again."""
    place = _load(k, xas)
    again = take_node(place, gfp)
    _save(k, xas, place)
    return int(again)


@export
def xas_find(k: Kernel, xas: xa_state_p, max: unsigned_long) -> void_p:
    """The next entry up to max; the state moves there. Return: NULL where there is none."""
    place = _load(k, xas)
    entry = place.find(max)
    _save(k, xas, place)
    return entry


@export
def xas_find_marked(k: Kernel, xas: xa_state_p, max: unsigned_long, mark: unsigned_int) -> void_p:
    """The next entry with a mark, up to max."""
    place = _load(k, xas)
    entry = place.find_marked(max, mark)
    _save(k, xas, place)
    return entry


@export
def xas_get_mark(k: Kernel, xas: xa_state_p, mark: unsigned_int) -> bool_:
    return int(_load(k, xas).get_mark(mark))


@export
def xas_set_mark(k: Kernel, xas: xa_state_p, mark: unsigned_int) -> None:
    _load(k, xas).set_mark(mark)


@export
def xas_clear_mark(k: Kernel, xas: xa_state_p, mark: unsigned_int) -> None:
    _load(k, xas).clear_mark(mark)


@export
def xas_init_marks(k: Kernel, xas: xa_state_p) -> None:
    """Give the entry the marks of an empty slot."""
    _load(k, xas).init_marks()


@export
def xas_pause(k: Kernel, xas: xa_state_p) -> None:
    """Let the caller drop the lock: the next search starts behind the present entry."""
    place = _load(k, xas)
    if place.invalid:
        return
    step = 1 << place.array.shift(place.node) if place.node else 1
    place.index = place.index + step & _MASK
    place.node = RESTART if place.index or not place.node else BOUNDS
    _save(k, xas, place)


def _step(k: Kernel, at: int, by: int) -> int:
    """Move to the neighbouring index, whatever is there."""
    place = _load(k, at)
    entry = _neighbour(place, by)
    _save(k, at, place)
    return entry


def _neighbour(place: Xas, by: int) -> int:
    array = place.array
    if place.node != RESTART and not place.errno:
        place.index = place.index + by & _MASK
    if not place.node:
        place.node = BOUNDS
        return 0
    if place.invalid:
        return place.load()
    if place.offset != place.index >> array.shift(place.node) & CHUNK_MASK:
        place.offset += by
    while not 0 <= place.offset < CHUNK_SIZE:
        place.offset = array.offset_in_parent(place.node) + by
        place.node = array.parent(place.node)
        if not place.node:
            place.node = BOUNDS
            return 0
    while is_node(entry := array.entry(place.node, place.offset)):
        place.node = entry - 2
        place.offset = place.index >> array.shift(place.node) & CHUNK_MASK
    return entry


@export
def __xas_next(k: Kernel, xas: xa_state_p) -> void_p:
    """The entry at the next index, NULL for none."""
    return _step(k, xas, 1)


@export
def __xas_prev(k: Kernel, xas: xa_state_p) -> void_p:
    """The entry at the index before, NULL for none."""
    return _step(k, xas, -1)
