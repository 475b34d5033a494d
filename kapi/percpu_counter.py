"""percpu_counter.h: counters that each CPU adds to on its own; what a CPU has is moved to the common count when it
reaches a batch.

Linux: lib/percpu_counter.c, 6.1
"""

from errno import ENOMEM
from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import gfp_t, int_, pointer, s32, s64, s64_of
from runtime.kernel import Kernel

percpu_counter_p = Annotated[int, pointer("percpu_counter")]
lock_class_key_p = Annotated[int, pointer("lock_class_key")]
_WORD = (1 << 64) - 1


@export_data(4, align=4)
def percpu_counter_batch(k: Kernel, at: int) -> None:
    k.mem.put32(at, max(32, 2 * k.mm.nr_cpus))


def _copies(k: Kernel, fbc: int) -> list[int]:
    return k.percpu.copies(k.mem.u64(fbc + k.abi.offset("percpu_counter", "counters")))


def _mine(k: Kernel, fbc: int) -> int:
    return _copies(k, fbc)[k.cpu.number]


def _add(k: Kernel, fbc: int, amount: int) -> None:
    at = fbc + k.abi.offset("percpu_counter", "count")
    k.mem.put64(at, k.mem.u64(at) + amount & _WORD)


@export
def __percpu_counter_init(k: Kernel, fbc: percpu_counter_p, amount: s64, gfp: gfp_t, key: lock_class_key_p) -> int_:
    """Make a counter that stands at amount. Return: 0, or -ENOMEM."""
    view = k.abi.view("percpu_counter")(k.mem, fbc)
    k.mem.put32(fbc + k.abi.offset("percpu_counter", "lock"), 0)
    view.count = amount
    view.counters = k.percpu.alloc(4, 4, gfp)
    if not view.counters:
        return -ENOMEM
    node = fbc + k.abi.offset("percpu_counter", "list")
    k.mem.put64(node, node)
    k.mem.put64(node + 8, node)
    return 0


@export
def percpu_counter_destroy(k: Kernel, fbc: percpu_counter_p) -> None:
    """Free what the CPUs have; a counter that was never made is nothing."""
    view = k.abi.view("percpu_counter")(k.mem, fbc)
    if view.counters:
        k.percpu.free(view.counters)
        view.counters = 0


@export
def percpu_counter_set(k: Kernel, fbc: percpu_counter_p, amount: s64) -> None:
    for copy in _copies(k, fbc):
        k.mem.put32(copy, 0)
    k.abi.view("percpu_counter")(k.mem, fbc).count = amount


@export
def percpu_counter_add_batch(k: Kernel, fbc: percpu_counter_p, amount: s64, batch: s32) -> None:
    """Add amount: to what this CPU has, and all of that to the count where it reaches batch."""
    mine = _mine(k, fbc)
    count = k.mem.i32(mine) + amount
    if abs(count) >= batch:
        _add(k, fbc, count)
        count = 0
    k.mem.put32(mine, count & 0xFFFFFFFF)


@export
def percpu_counter_sync(k: Kernel, fbc: percpu_counter_p) -> None:
    """Add what this CPU has to the count."""
    mine = _mine(k, fbc)
    _add(k, fbc, k.mem.i32(mine))
    k.mem.put32(mine, 0)


@export
def __percpu_counter_sum(k: Kernel, fbc: percpu_counter_p) -> s64:
    """The exact value: the count and what all CPUs have."""
    count = k.mem.i64(fbc + k.abi.offset("percpu_counter", "count"))
    return count + sum(k.mem.i32(copy) for copy in _copies(k, fbc))


@export
def __percpu_counter_compare(k: Kernel, fbc: percpu_counter_p, rhs: s64, batch: s32) -> int_:
    """Return: 1 where the value is above rhs, -1 below, 0 equal. It is summed up only where the count is too near."""
    count = k.mem.i64(fbc + k.abi.offset("percpu_counter", "count"))
    if abs(s64_of(count - rhs & _WORD)) <= batch * k.mm.nr_cpus:
        count = __percpu_counter_sum(k, fbc)
    return (count > rhs) - (count < rhs)
