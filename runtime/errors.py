"""What can go wrong, and what a kernel function may ask of the machine.

Scarcity is a return value (NULL, None, -errno) and never an exception. The rest has one class per kind: a gap of ours
(Unsupported), wrong input (Usage), a module that Linux would refuse (InsmodError), and what the guest's own bugs make
the kernel do (GuestFault, KernelBug, KernelPanic). Call and Wait are not errors: they are how a kernel function says
what shall happen next.
"""

from collections.abc import Callable
from typing import Any, TypeAlias


class Unsupported(Exception):
    """kmodrun lacks something that Linux has. str() is the whole sentence; the command line exits with 3."""


class Usage(Exception):
    """Wrong input from the user: str() is one line for stderr; the command line exits with 2."""


class InsmodError(OSError):
    """insmod or rmmod failed with this errno; strerror says why in one line."""


class GuestFault(Exception):
    """Python touched guest memory that is not mapped, or not writable: the page fault that the kernel function would
    have taken.
    """

    def __init__(self, address: int, write: bool = False, fetch: bool = False) -> None:
        super().__init__(address, write, fetch)
        self.address, self.write, self.fetch = address, write, fetch

    def __str__(self) -> str:
        return f"{'write to' if self.write else 'read of'} unmapped guest address {self.address:#x}"


class KernelBug(Exception):
    """BUG() inside a kernel function, at a site that runtime.oops.sites names, with the arguments of what Linux says
    there.
    """

    def __init__(self, site: str, *arguments: object) -> None:
        super().__init__(site, *arguments)
        self.site, self.arguments = site, arguments


class KernelPanic(Exception):
    """panic(): str() is the reason; nothing runs on this machine afterwards."""


class Killed(Exception):
    """The task was killed, by an oops or by the OOM killer: signal is what a shell would see, str() says why."""

    def __init__(self, signal: int, reason: str) -> None:
        super().__init__(reason)
        self.signal = signal


class Call:
    """Call the guest function fn with args; then run the step `then(k, rax, *data)`, whose result is what the trap
    returns.

    Without `then` the guest function's own result is returned. A step is a plain module-level function, data a tuple of
    plain values: a task that is inside a call can be saved and restored (Linux has a C stack here).
    """

    __slots__ = ("args", "data", "fn", "then")

    def __init__(self, fn: int, *args: int, then: "Step | None" = None, data: tuple[Any, ...] = ()) -> None:
        self.fn, self.args, self.then, self.data = fn, args, then, data


class Wait:
    """Block the task on a queue until it is woken; then run the step `then(k, rax, *data)`."""

    __slots__ = ("data", "queue", "then")

    def __init__(self, queue: int, then: "Step | None" = None, data: tuple[Any, ...] = ()) -> None:
        self.queue, self.then, self.data = queue, then, data


Step: TypeAlias = Callable[..., Any]
