"""Leaks: what a module allocated and did not give back before it left.

An object is the module's where a function of the module is on the stack that allocated it.
"""

from collections.abc import Callable, Iterable
from typing import Any

_WHAT = {
    "slab": "{size} bytes from a slab", "page": "{size} bytes of pages", "vmalloc": "{size} bytes from vmalloc",
    "percpu": "{size} bytes per CPU", "cache": "a slab cache for objects of {size} bytes",
}  # fmt: skip


def report_leaks(live: Iterable[tuple[str, int, int, tuple[int, ...]]], owned: Callable[[int], bool], when: str,
                 finding: Callable[..., Any]) -> int:  # fmt: skip
    """Report each live object (kind, address, size, stack) that the module owns. when: `after exit`. Return: how many there are."""
    count = 0
    for kind, address, size, stack in live:
        if any(owned(ip) for ip in stack):
            count += 1
            message = f"{_WHAT[kind].format(size=size)} are still allocated {when}" if kind != "cache" else f"{_WHAT[kind].format(size=size)} still exists {when}"
            finding("leak", message, address=address, size=size, at=(), allocated=stack)
    return count
