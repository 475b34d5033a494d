"""kmodrun: run Linux kernel modules on an emulated machine with a kernel in Python.

Machine is imported when it is first asked for: the rooms that need no processor start without it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kapi import provides
    from runtime.check.findings import Finding
    from runtime.machine import Machine, Module

__all__ = ["Finding", "Machine", "Module", "provides"]


def __getattr__(name: str) -> Any:
    if name in ("Machine", "Module"):
        from runtime import machine

        return getattr(machine, name)
    if name == "Finding":
        from runtime.check.findings import Finding

        return Finding
    if name == "provides":
        from kapi import provides

        return provides
    raise AttributeError(f"module 'runtime' has no attribute '{name}'")
