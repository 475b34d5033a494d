"""A fault point: one allocation, or one call of a function that may fail; and what a plan asks the machine about it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

Stack = tuple[int, ...]
Point = tuple[str, int, int, Stack, str]
"""(kind, bytes, gfp, stack, name of the slab cache). Which function was called, the machine knows."""
KIND: Final = 0
SIZE: Final = 1
GFP: Final = 2
STACK: Final = 3
WHAT: Final = 4

Test = Callable[[Point], bool]
"""Does a rule mean this fault point? It depends on nothing but the point and the machine's state."""


class Failure(NamedTuple):
    """A fault point that was made to fail.

    number: which one of the run it was, from 1. function: the kernel function that was called, as people know it. what:
    the slab cache, "" for none. size: bytes, 0 for a call. value: what the guest got instead: 0, or a negative errno.
    known: how many modules had been loaded until then (Places.frames()).
    """

    number: int
    kind: str
    function: str
    what: str
    size: int
    gfp: int
    stack: Stack
    value: int
    known: int


class Witness(Protocol):
    """The machine, as far as a plan needs it. Virtual addresses, and names as people write them."""

    undo: Any
    const: dict[str, int]

    def function(self, stack: Stack) -> str:
        """The kernel function that the guest has called, as it is exported."""

    def values(self, function: str) -> tuple[int, ...] | None:
        """What a kernel function declares to return when it fails, () for nothing; None: there is no such function."""

    def exported(self, function: str) -> bool:
        """Is it a name that Linux exports?"""

    def in_atomic(self) -> bool:
        """Is sleeping forbidden?"""

    def in_interrupt(self) -> bool:
        """Hard or soft interrupt context?"""

    def task(self) -> str:
        """Name of the current task."""

    def module(self, virt: int) -> str:
        """The module that a return address lies in, "" for none."""

    def frames(self, virt: int) -> list[dict[str, Any]]:
        """Functions, files and lines of a return address, by DWARF, innermost first."""

    def symbol(self, virt: int) -> str:
        """`function+0x12 module` of the call before a return address."""

    def shared(self, cache: str, name: str) -> bool:
        """Was a cache that is called so created under the other name as well? (Caches are merged.)"""

    def known(self) -> int:
        """How many modules have been loaded so far."""

    def failed(self, value: int, stack: Stack) -> None:
        """A fault point was made to fail: findings from now on say so."""

    def log(self, text: str, trace: bool) -> None:
        """Log a notice, with a stack trace or without."""
