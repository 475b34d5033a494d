"""Findings: a bug of the module, with the stacks that lead to it.

A finding holds addresses only. Names, files and lines are looked up when it is printed (Machine.frames()).
"""

from collections.abc import Callable
from typing import Any

from runtime.undo import Undo, pop, push

KINDS = frozenset(
    [
        *("leak", "double-free", "invalid-free", "mismatched-free", "use-after-free", "out-of-bounds", "uninitialized"),
        *("info-leak", "sleep-in-atomic", "atomic-imbalance", "bad-argument", "null-deref", "page-fault"),
        *("general-protection", "divide-error", "bug", "warn", "stack-overflow", "stack-smash", "hang", "panic"),
        *("resource-leak", "refcount"),
    ]
)


_POINTER = (1 << 64) - 1
Failure = tuple[int, int, tuple[int, ...]]
"""(what the guest got: 0 or a negative errno, address of the kernel function, its callers)"""
Unchecked = tuple[int, int, tuple[int, ...], bool]
"""A Failure, and whether the guest is known to have used the result without a look at it."""


class Finding:
    """kind: one of KINDS. at, allocated, freed: return addresses, innermost first. failed: of the call that a fault
    plan made fail before.

    address and size: of the object, 0 if there is none. unchecked: the failed call whose result is the bad pointer.
    """

    __slots__ = ("address", "allocated", "at", "failed", "freed", "kind", "known", "message", "module", "pc", "size",
                 "unchecked")  # fmt: skip

    def __init__(
        self, kind: str, message: str, *, module: str = "", address: int = 0, size: int = 0, at: tuple[int, ...] = (),
        allocated: tuple[int, ...] = (), freed: tuple[int, ...] = (), failed: tuple[int, ...] = (),
        pc: int = 0, known: int | None = None, unchecked: Unchecked | None = None,
    ) -> None:  # fmt: skip
        if kind not in KINDS:
            raise ValueError(f"no such kind of finding: {kind}")
        self.kind, self.message, self.module, self.address, self.size = kind, message, module, address, size
        self.at, self.allocated, self.freed, self.failed = at, allocated, freed, failed
        self.pc = pc  # exact address of the instruction, where at[0] is not a return address; else 0
        self.unchecked = unchecked
        self.known = known  # how many modules had been loaded until then: later ones may have the same addresses

    def __repr__(self) -> str:
        return f"Finding({self.kind}: {self.message})"

    def as_dict(self, frames: Callable[..., list[dict[str, Any]]]) -> dict[str, Any]:
        """As in --json: every address of its stacks becomes a frame. frames: Machine.frames, of its machine."""
        exact = frames([self.pc], 0, self.known) if self.pc else []
        message = self.message
        if self.unchecked is not None:
            message += f"; {unchecked_words(self.unchecked, lambda *virts: frames(*virts, self.known))}"
        return {
            "kind": self.kind, "message": message, "module": self.module, "address": self.address,
            "size": self.size,
            "at": exact + frames(self.at, 1, self.known), "allocated": frames(self.allocated, 1, self.known),
            "freed": frames(self.freed, 1, self.known), "failed": frames(self.failed, 1, self.known),
        }  # fmt: skip

    @property
    def cause(self) -> tuple[Any, ...]:
        """Findings of equal cause are one: the same kind at the same place, for an object from the same place.

        What their messages count, and when it was seen, makes no difference: only where there is no place at all.
        """
        where, place = self.pc or self.at[:1], self.at or self.allocated
        return self.kind, self.module, where, self.allocated, self.freed, "" if place else self.message


def unchecked_words(unchecked: Unchecked, frames: Callable[[list[int], int], list[dict[str, Any]]]) -> str:
    """`kmalloc() at foo.c:42 had returned NULL and was not checked`."""
    from runtime.inject.kinds import called
    from runtime.inject.values import NULL, error_name

    value, rip, stack, used = unchecked
    symbol = frames([rip], 0)[0]["symbol"]
    function = "an allocation" if symbol.startswith("kmodrun_") else f"{called(symbol)}()"
    callers = frames(list(stack[:1]), 1)
    caller = next((frame for frame in callers if (frame["file"] or "").endswith(".c")), callers[0])
    place = f"{caller['symbol']}+{caller['offset']:#x}"
    if caller["file"]:
        place = f"{caller['file'].rpartition('/')[2]}:{caller['line']}"
    returned = NULL if not value else f"ERR_PTR(-{error_name(value)})"
    return f"{function} at {place} had returned {returned}" + (" and was not checked" if used else "")


class Findings:
    """The list. stack(): where the guest is now; module_of(address): which module that is; known(): modules so far."""

    def __init__(
        self, undo: Undo, stack: Callable[[], tuple[int, ...]], module_of: Callable[[int], str],
        known: Callable[[], int],
    ) -> None:  # fmt: skip
        self.all: list[Finding] = undo.list()
        self._seen: dict[tuple[Any, ...], int] = undo.dict()
        self._stack, self._module_of, self._known, self._noted = stack, module_of, known, undo.noted
        self.failures: list[Failure] = undo.list()
        self.last: tuple[int, ...] = ()  # where the last one was reported, repeated ones included
        undo.adopt(self)

    @property
    def failed(self) -> tuple[int, ...]:
        """The stack of the last call that a fault plan made fail."""
        return self.failures[-1][2] if self.failures else ()

    def made_fail(self, value: int, rip: int, stack: tuple[int, ...]) -> None:
        """A fault plan made a call of the guest's fail: what it returned, the kernel function, its callers."""
        push(self.failures, (value, rip, stack))
        self._noted((pop, self.failures))

    def culprit(self, pointer: int | None) -> Failure | None:
        """The last failure that gave the guest this pointer (NULL, an error); None where no failure did."""
        return next((one for one in reversed(self.failures) if one[0] & _POINTER == pointer), None)

    def finding(self, kind: str, message: str, **details: Any) -> None:
        """Report a bug, once per cause; `at` is the present call stack where it is not given."""
        at = details.pop("at", None)
        known = {name: value for name, value in details.items() if value is not None}
        at = self._stack() if at is None else at
        found = Finding(kind, message, at=at, known=self._known(), failed=self.failed, **known)
        if found.unchecked is not None:
            found.failed = found.unchecked[2]
        self.last = found.at
        for address in (found.pc, *found.at, *found.allocated):
            found.module = found.module or (self._module_of(address) if address else "")
        times = self._seen.get(found.cause, 0)
        self._seen[found.cause] = times + 1
        if not times:
            self.all.append(found)
