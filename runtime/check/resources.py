"""What modules have registered with the kernel and have to take back before they leave.

A kernel function that registers something adds it here, with the stack of the call; the one that takes it back removes
it. What a module's own functions have registered, and is left when it goes, is a finding: the kernel keeps pointers
into memory that is no longer there.
"""

from collections.abc import Callable, Hashable
from typing import Any

from runtime.undo import Undo
from runtime.units import Virt

Stack = tuple[int, ...]
Resource = tuple[str, str, Virt, Stack]
"""(kind in words: "misc device", name, address of its structure in the guest or 0, who registered it)"""

_STATE = {"module reference": "held"}


class Resources:
    """held: (kind, key) -> the resource. The key tells things of a kind apart: most often an address.

    locks: what the task has locked, and not unlocked yet: address -> (what it is, the stack of the call).
    """

    def __init__(self, undo: Undo) -> None:
        self.locks: dict[Virt, tuple[str, Stack]] = undo.dict()
        self.held: dict[tuple[str, Hashable], Resource] = undo.dict()

    def add(self, kind: str, name: str, address: Virt, stack: Stack, key: Hashable = None) -> None:
        """Something has been registered. key: its address where none is given. A second add() replaces the first."""
        self.held[kind, address if key is None else key] = kind, name, address, stack

    def remove(self, kind: str, key: Hashable) -> None:
        """It has been taken back. What is not held is none of ours: the kernel function says what is wrong."""
        self.held.pop((kind, key), None)

    def of(self, owned: Callable[[int], bool]) -> list[Resource]:
        """What is held by calls of a module's own functions. owned: does an address belong to it?"""
        return [resource for resource in self.held.values() if resource[3] and owned(resource[3][0])]


def report_resources(
    resources: Resources, owned: Callable[[int], bool], module: str, when: str, finding: Callable[..., Any]
) -> bool:
    """Report what a module leaves behind: a finding for each call that registered something.

    when: `after foo has gone`. Return: is anything left?
    """
    if not resources.held:
        return False
    groups: dict[tuple[str, Stack], list[Resource]] = {}
    for resource in resources.of(owned):
        groups.setdefault((resource[0], resource[3]), []).append(resource)
    for (kind, stack), left in groups.items():
        _, name, address, _ = left[0]
        more = f" and {len(left) - 1} more are" if len(left) > 1 else " is"
        message = f"{kind} {name}{more} still {_STATE.get(kind, 'registered')} {when}"
        finding("resource-leak", message, module=module, address=address, at=(), allocated=stack)
    return bool(groups)
