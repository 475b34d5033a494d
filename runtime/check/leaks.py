"""Leaks: what a module allocated and did not give back before it left.

An object is the module's where a function of the module's asked the kernel for it: not where it called another module
that did, which keeps what it has.
"""

from collections.abc import Callable, Iterable
from typing import Any

_WHAT = {
    "slab": "{size} bytes from a slab",
    "page": "{size} bytes of pages",
    "vmalloc": "{size} bytes from vmalloc",
    "percpu": "{size} bytes for each CPU",
    "cache": "a slab cache for objects of {size} bytes",
}

Stack = tuple[int, ...]


def report_leaks(
    live: Iterable[tuple[str, int, int, Stack]], owned: Callable[[int], bool], module: str, finding: Callable[..., Any]
) -> None:
    """Report the live objects (kind, address, size, stack) that the module owns: one finding for each stack.

    address and size of the finding are those of the first object.
    """
    groups: dict[tuple[str, Stack], list[tuple[int, int]]] = {}
    for kind, address, size, stack in live:
        if stack and owned(stack[0]):
            groups.setdefault((kind, stack), []).append((address, size))
    for (kind, stack), objects in groups.items():
        sizes = {size for _, size in objects}
        what = _WHAT[kind].format(size=sizes.pop() if len(sizes) == 1 else f"{min(sizes)} to {max(sizes)}")
        times = f"{len(objects)} times " if len(objects) > 1 else ""
        verb = "still there" if kind == "cache" else "still allocated"
        address, size = objects[0]
        message = f"{times}{what}: {verb} after {module} has gone"
        finding("leak", message, module=module, address=address, size=size, at=(), allocated=stack)
