"""A task: its registers and stack in the guest, and the steps that wait for guest functions to return.

That is all there is to a task, so it can be saved, restored or switched to at any trap.
"""

from functools import cache
from typing import Any, NamedTuple

from runtime.arch import x86_64 as arch
from runtime.undo import Undo
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Phys, Virt


class Task:
    """stack: virt of its lowest byte (guard pages lie around it); stack_phys: its pages are contiguous. struct: virt of
    its task_struct.

    pending: (step, data, rsp, mask) of each kernel function that is waiting for a guest function, innermost last; mask
    is None for what the machine itself started.
    started: the guest function that the machine itself has called last.
    dying: the OOM killer has chosen it; it ends when it leaves the kernel.
    """

    def __init__(
        self, undo: Undo, pid: int, comm: str, struct: Virt, stack: Virt, stack_phys: Phys, stack_size: int
    ) -> None:
        self.pid, self.comm, self.struct = pid, comm, struct
        self.stack, self.stack_phys, self.stack_size = stack, stack_phys, stack_size
        self.dying = False
        self.started: Virt = 0
        self.pending: list[tuple[Any, tuple[Any, ...], Virt, int | None]] = undo.list()
        self.noted = undo.noted
        undo.adopt(self)

    @property
    def stack_top(self) -> Virt:
        """One past the highest byte of the stack."""
        return self.stack + self.stack_size


def make_task(k: Any, pid: int, comm: str) -> Task:
    """A process that runs in the kernel: its task_struct, cred and stack. Linux: kernel/fork.c, copy_process(), 6.1"""
    kernel, size = k.abi.const["GFP_KERNEL"], arch.THREAD_SIZE
    stack_phys = k.pages.get_pages(kernel, (size // PAGE_SIZE).bit_length() - 1) << PAGE_SHIFT
    writable = arch.KERNEL & ~arch.PTE_DIRTY if k.undo.journal else arch.KERNEL
    k.tables.map_range(arch.STACKS, stack_phys, size, writable)
    struct_bytes = sum(k.abi.sizeof(name) for name in ("task_struct", "cred", "mm_struct"))
    struct = k.pages.virt(k.pages.get_pages(kernel, (struct_bytes - 1 >> PAGE_SHIFT).bit_length()))
    task = Task(k.undo, pid, comm, struct, arch.STACKS, stack_phys, size)
    _fill_struct(k, task, struct + k.abi.sizeof("task_struct"))
    rename(k, task, pid, comm)
    return task


def _fill_struct(k: Any, task: Task, cred: Virt) -> None:
    """What modules read inline of current."""
    view = k.abi.view("task_struct")(k.mem, task.struct)
    view.stack, view.on_cpu, view.nr_cpus_allowed = task.stack, 1, k.mm.nr_cpus
    view.prio = view.static_prio = view.normal_prio = 120
    view.real_parent = view.parent = view.group_leader = task.struct
    view.cred = view.real_cred = cred
    view.mm = view.active_mm = cred + k.abi.sizeof("cred")
    view.cpus_ptr = view.cpus_mask.va
    k.mem.put64(view.cpus_ptr, (1 << k.mm.nr_cpus) - 1)
    for member in ("tasks", "children", "sibling", "thread_group"):
        head = task.struct + k.abi.offset("task_struct", member)
        k.mem.put64(head, head)
        k.mem.put64(head + 8, head)
    k.abi.view("cred")(k.mem, cred).usage.counter = 1
    mm = k.abi.view("mm_struct")(k.mem, view.mm)
    mm.mm_users.counter = mm.mm_count.counter = 1
    mm.owner, mm.task_size, mm.pgd = task.struct, arch.TASK_SIZE_MAX, arch.PAGE_OFFSET + k.tables.root


class _Places(NamedTuple):
    """Offsets in struct task_struct; flags: of its thread_info; signals: the set of those that are pending."""

    pid: int
    tgid: int
    comm: int
    flags: int
    signals: int


@cache
def _places(abi: Any) -> _Places:
    """Look them up, once."""
    members = "pid", "tgid", "comm", "thread_info.flags", "pending.signal"
    return _Places(*(abi.offset("task_struct", member) for member in members))


def rename(k: Any, task: Task, pid: int, comm: str) -> None:
    """Let the task be another process: insmod first, rmmod later."""
    task.pid = pid
    if task.comm != comm:
        task.comm = comm
    if task.dying:
        task.dying = False
    at, phys, ram = _places(k.abi), task.struct - arch.PAGE_OFFSET, k.ram
    ram.put32(phys + at.pid, pid)
    ram.put32(phys + at.tgid, pid)
    ram.write(phys + at.comm, comm.encode()[:15].ljust(16, b"\0"))
    ram.put64(phys + at.flags, 0)
    ram.put64(phys + at.signals, 0)


def kill(k: Any, task: Task) -> None:
    """Let the OOM killer take a task: it sees SIGKILL pending, and ends when it leaves the kernel.

    Linux: mm/oom_kill.c, mark_oom_victim(); kernel/signal.c, complete_signal(), 6.1
    """
    const = k.abi.const
    task.dying = True
    bits = 1 << const["TIF_SIGPENDING"] | 1 << const["TIF_MEMDIE"]
    at, phys = _places(k.abi), task.struct - arch.PAGE_OFFSET
    k.ram.put64(phys + at.flags, bits)
    k.ram.put64(phys + at.signals, 1 << const["SIGKILL"] - 1)
