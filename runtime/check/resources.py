"""What modules have registered with the kernel and have to take back before they leave.

A kernel function that registers something adds it here, with the stack of the call; the one that takes it back removes
it. What a module's own functions have registered, and is left when it goes, is a finding: the kernel keeps pointers
into memory that is no longer there.
"""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, NamedTuple

from runtime.check.objects import LiveObjects
from runtime.undo import Undo
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel
    from runtime.loader.loaded import LoadedModule

Stack = tuple[int, ...]


class Resource(NamedTuple):
    """kind: in words, "misc device". address: of its structure in the guest, or 0. stack: who registered it.

    home: what it is registered with, where that is not the kernel itself: it goes when its owner goes. inside: the key
    of a resource that it goes with, as a file does with its directory.
    """

    kind: str
    name: str
    address: Virt
    stack: Stack
    home: Virt
    inside: Hashable


_STATE = {"module reference": "held"}


class Resources:
    """held: (kind, key) -> the resource. The key tells things of a kind apart: most often an address.

    locks: what the task has locked, and not unlocked yet: address -> (what it is, the stack of the call).
    """

    def __init__(self, undo: Undo) -> None:
        self.locks: dict[Virt, tuple[str, Stack]] = undo.dict()
        self.held: dict[tuple[str, Hashable], Resource] = undo.dict()

    def add(
        self, kind: str, name: str, address: Virt, stack: Stack, key: Hashable = None, home: Virt = 0,
        inside: Hashable = None,
    ) -> None:  # fmt: skip
        """Something has been registered. key: its address where none is given. A second add() replaces the first."""
        self.held[kind, address if key is None else key] = Resource(kind, name, address, stack, home, inside)

    def remove(self, kind: str, key: Hashable) -> None:
        """It has been taken back. What is not held is none of ours: the kernel function says what is wrong."""
        self.held.pop((kind, key), None)

    def of(self, owned: Callable[[int], bool]) -> list[tuple[str, Hashable]]:
        """What is held by calls of a module's own functions. owned: does an address belong to it?"""
        return [key for key, each in self.held.items() if each.stack and owned(each.stack[0])]


def report_resources(k: "Kernel", module: "LoadedModule", when: str) -> bool:
    """Report what a module leaves behind: a finding for each call that registered something.

    What is registered with something of its own goes with that. when: `after foo has gone`. Return: is anything left?
    """
    held, homes = k.resources.held, _Homes(k, module)
    groups: dict[tuple[str, Stack], list[Resource]] = {}
    left_keys = k.resources.of(module.was_at) if held else []
    for key in left_keys:
        resource = held[key]
        if resource.home and not homes.stays(resource.home):
            del held[key]
        elif (resource.kind, resource.inside) not in left_keys:
            groups.setdefault((resource.kind, resource.stack), []).append(resource)
    for (kind, stack), left in groups.items():
        more = f" and {len(left) - 1} more are" if len(left) > 1 else " is"
        message = f"{kind} {left[0].name}{more} still {_STATE.get(kind, 'registered')} {when}"
        address = left[0].address
        k.check.finding("resource-leak", message, module=module.name, address=address, at=(), allocated=stack)
    return bool(groups)


class _Homes:
    """What things are registered with, seen from a module that goes."""

    def __init__(self, k: "Kernel", module: "LoadedModule") -> None:
        self.k, self.module = k, module

    def stays(self, home: Virt) -> bool:
        """Is it the kernel's or another module's, and still there?"""
        k, mine = self.k, self.module.was_at
        if mine(home) or k.modules.owner(home) is not None:
            return not mine(home)
        live = LiveObjects(k).find(home)
        if live is not None:
            return not (live.stack and mine(live.stack[0]))
        low, high = k.mm.arch.START_KERNEL_MAP, k.mm.arch.MODULES_VADDR
        return bool(low <= home < high)
