"""Leaks: what a module allocated and did not give back before it left, and nobody else can reach.

An object is the module's where a function of the module's asked the kernel for it: not where it called another module
that did, which keeps what it has.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.check.reach import reachable
from runtime.check.resources import report_resources
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel
    from runtime.loader.loaded import LoadedModule

_WHAT = {
    "slab": "{size} bytes from a slab",
    "page": "{size} bytes of pages",
    "vmalloc": "{size} bytes from vmalloc",
    "percpu": "{size} bytes for each CPU",
    "cache": "a slab cache for objects of {size} bytes",
}

Stack = tuple[int, ...]
Groups = dict[tuple[str, Stack], list[tuple[Virt, int]]]
"""(kind, stack of the allocation) -> (address, size in bytes) of each object"""


def report_left(k: "Kernel", module: "LoadedModule", when: str) -> bool:
    """Report what a module leaves behind: memory that is lost, and what is still registered.

    when: what the module has done just now: `after foo has gone`. Return: is anything of it still alive, lost or not?
    """
    registered = report_resources(k.resources, module.was_at, module.name, when, k.check.finding)
    groups = candidates(k, module.was_at)
    if groups:
        report_leaks(k, module, groups, reachable(k, module), when)
    return registered or bool(groups)


def candidates(k: "Kernel", owned: Callable[[Virt], bool]) -> Groups:
    """The live objects that belong to who owns the first address of their stacks."""
    groups: Groups = {}
    for kind, address, size, stack in k.mm.books.live_objects(k.pages.virt):
        if stack and owned(stack[0]):
            groups.setdefault((kind, stack), []).append((address, size))
    return groups


def report_leaks(k: "Kernel", module: "LoadedModule", groups: Groups, reached: set[Virt], when: str) -> None:
    """One finding for each group, about those of its objects that were not reached.

    address and size of the finding are those of the first object.
    """
    for (kind, stack), objects in groups.items():
        lost = [each for each in objects if each[0] not in reached] if reached else objects
        if not lost:
            continue
        address, size = lost[0]
        verb = "still there" if kind == "cache" else "still allocated"
        message = f"{_amount(kind, [size for _, size in lost])}: {verb} {when}"
        k.check.finding("leak", message, module=module.name, address=address, size=size, at=(), allocated=stack)


def _amount(kind: str, sizes: list[int]) -> str:
    """`3 times 100 bytes from a slab`."""
    low, high = min(sizes), max(sizes)
    what = _WHAT[kind].format(size=low if low == high else f"{low} to {high}")
    return f"{len(sizes)} times {what}" if len(sizes) > 1 else what
