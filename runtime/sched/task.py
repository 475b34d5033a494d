"""A task: its registers and stack in the guest, and the steps that wait for guest functions to return.

That is all there is to a task, so it can be saved, restored or switched to at any trap.
"""

from typing import Any

from runtime.undo import Undo
from runtime.units import Phys, Virt


class Task:
    """stack: virt of its lowest byte (guard pages lie around it); stack_phys: its pages are contiguous. struct: virt of its task_struct.

    pending: (step, data, rsp, mask) of each kernel function that is waiting for a guest function, innermost last; mask is None for what the
    machine itself started.
    """

    def __init__(self, undo: Undo, pid: int, comm: str, struct: Virt, stack: Virt, stack_phys: Phys, stack_size: int) -> None:
        self.pid, self.comm, self.struct = pid, comm, struct
        self.stack, self.stack_phys, self.stack_size = stack, stack_phys, stack_size
        self.pending: list[tuple[Any, tuple[Any, ...], Virt, int | None]] = undo.list()
        undo.adopt(self)

    @property
    def stack_top(self) -> Virt:
        """One past the highest byte of the stack."""
        return self.stack + self.stack_size
