"""CPUs: their numbers, masks and per-CPU areas, as modules read them inline.

Linux: arch/x86/kernel/setup_percpu.c, kernel/cpu.c, lib/cpumask.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import int_, pointer, unsigned_int
from runtime.kernel import Kernel

cpumask_p = Annotated[int, pointer("cpumask")]


@export_data(4, percpu=True)
def cpu_number(k: Kernel, at: int) -> None:
    k.mem.put32(at, k.percpu.cpu_of(at))


@export_data(8, percpu=True)
def this_cpu_off(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.percpu.base(k.percpu.cpu_of(at)))


@export_data(4, percpu=True)
def __preempt_count(k: Kernel, at: int) -> None:
    """The top bit is the inverted need-resched flag: with 0 every preempt_enable() would call the scheduler."""
    k.mem.put32(at, k.abi.const["PREEMPT_NEED_RESCHED"])


@export_data(8, percpu=True)
def current_task(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.current.struct)


@export_data(8192 * 8)
def __per_cpu_offset(k: Kernel, at: int) -> None:
    for cpu in range(k.mm.nr_cpus):
        k.mem.put64(at + 8 * cpu, k.percpu.base(cpu))


@export_data(4)
def nr_cpu_ids(k: Kernel, at: int) -> None:
    k.mem.put32(at, k.mm.nr_cpus)


@export_data(4)
def __num_online_cpus(k: Kernel, at: int) -> None:
    k.mem.put32(at, k.mm.nr_cpus)


def _all_cpus(k: Kernel, at: int) -> None:
    k.mem.write(at, ((1 << k.mm.nr_cpus) - 1).to_bytes(k.abi.sizeof("cpumask"), "little"))


@export_data("cpumask")
def __cpu_possible_mask(k: Kernel, at: int) -> None:
    _all_cpus(k, at)


@export_data("cpumask")
def __cpu_online_mask(k: Kernel, at: int) -> None:
    _all_cpus(k, at)


@export_data("cpumask")
def __cpu_present_mask(k: Kernel, at: int) -> None:
    _all_cpus(k, at)


@export_data("cpumask")
def __cpu_active_mask(k: Kernel, at: int) -> None:
    _all_cpus(k, at)


@export
def cpumask_next_wrap(k: Kernel, n: int_, mask: cpumask_p, start: int_, wrap: int_) -> unsigned_int:
    """The next CPU of mask after n, going round once from start. Return: nr_cpu_ids at the end."""
    bits, size = int.from_bytes(k.mem.read(mask, 8 * ((k.mm.nr_cpus + 63) // 64)), "little"), k.mm.nr_cpus
    position = n
    while True:
        position += 1
        following = next((cpu for cpu in range(position, size) if bits >> cpu & 1), size)
        if wrap and n < start <= following:
            return size
        if following < size:
            return following
        wrap, n, position = 1, -1, -1
