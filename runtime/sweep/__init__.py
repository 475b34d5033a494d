"""Fault sweeps: a scenario, with each call that may fail failing once. See branches.py."""

from typing import Any

from runtime.sweep.branches import Progress, Sweep
from runtime.sweep.found import Found
from runtime.sweep.result import result
from runtime.sweep.spec import Spec, of_modules

__all__ = ["Found", "Spec", "Sweep", "of_modules", "result", "run_part", "sweep"]


def run_part(spec: Spec, part: int = 0, parts: int = 1, progress: Progress | None = None) -> Found:
    """One of several parts, which together are the sweep; they can run anywhere. Merge them by Found.add()."""
    work = Sweep(spec, part, parts, progress)
    work.run()
    return work.found


def sweep(spec: Spec, progress: Progress | None = None) -> dict[str, Any]:
    """The whole sweep in this process; its result as plain data (result.py)."""
    return result(spec, run_part(spec, progress=progress))
