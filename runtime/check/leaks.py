"""Leaks: what a module allocated and did not give back before it left, and nobody else can reach.

An object is the module's where a function of the module's asked the kernel for it: not where it called another module
that did, which keeps what it has.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from runtime.check.alive import Group, Place
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

Groups = dict[Place, Group]


def report_left(k: "Kernel", module: "LoadedModule", when: str) -> bool:
    """Report what a module leaves behind: memory that is lost, and what is still registered.

    when: what the module has done just now: `after foo has gone`. Return: is anything of it still alive, lost or not?
    """
    registered = report_resources(k, module, when)
    groups = candidates(k, module.was_at)
    if groups:
        report_leaks(k, module, groups, reachable(k, module), when)
    return registered or bool(groups)


def candidates(k: "Kernel", owned: Callable[[Virt], bool]) -> Groups:
    """The live objects that belong to who owns the first address of their stacks."""
    if k.alive.empty():
        return {}
    return {place: group for place, group in k.alive.sync().items() if owned(place[1][0])}


def report_leaks(k: "Kernel", module: "LoadedModule", groups: Groups, reached: set[Virt], when: str) -> None:
    """One finding for each group, about those of its objects that were not reached.

    address is the lowest one, size that of the smallest object.
    """
    for (kind, stack), group in groups.items():
        lost = [address for address in group.addresses if address not in reached] if reached else group.addresses
        if not lost:
            continue
        verb = "still there" if kind == "cache" else "still allocated"
        message = f"{_amount(kind, len(lost), group.sizes)}: {verb} {when}"
        size = min(group.sizes)
        k.check.finding("leak", message, module=module.name, address=lost[0], size=size, at=(), allocated=stack)


def _amount(kind: str, count: int, sizes: Iterable[int]) -> str:
    """`3 times 100 bytes from a slab`."""
    low, high = min(sizes), max(sizes)
    what = _WHAT[kind].format(size=low if low == high else f"{low} to {high}")
    return f"{count} times {what}" if count > 1 else what
