"""Many sweeps, or the parts of one: here, in processes of this computer, or on a Dask cluster.

A part knows nothing of the others, and what it finds is plain data that says by itself where it belongs: the result is
the same whoever did the work, in whatever order.
"""

import gc
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from runtime.sweep.besides import (
    BRANCHES,
    LEFT,
    OBSERVE,
    UNINIT,
    coverage_of,
    joined,
    kinds,
    notes,
    observed,
    on_side,
    uninitialised,
)
from runtime.sweep.branches import Progress, Sweep
from runtime.sweep.found import Found
from runtime.sweep.interrupt import Stop
from runtime.sweep.result import result
from runtime.sweep.spec import Spec

SWEEPS = (BRANCHES, LEFT)
DEAD_MACHINES = 16


class Task(NamedTuple):
    """Part number `part` of `parts` of the sweep with this index; or something else that is run for it, by kind."""

    sweep: int
    kind: str
    part: int
    parts: int


Tell = Callable[[int, int, Iterable[Any]], None]
"""Told of a part how many scenarios are done, how many there are, and the causes of new findings."""


class Tally:
    """How far all of it is, for the progress bar: what each part has last said."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._parts: dict[Task, tuple[int, int]] = {}
        self._causes: set[tuple[int, Any]] = set()

    def tell(self, task: Task, done: int, total: int, causes: Iterable[Any]) -> None:
        """A part has done so many of its scenarios; causes: of the findings that are new."""
        if self._progress is None:
            return
        self._parts[task] = done, total
        self._causes.update((task.sweep, cause) for cause in causes)
        again = len(self._parts) - len({task[:2] for task in self._parts})  # each part begins with the normal run
        dones, totals = zip(*self._parts.values(), strict=True)
        self._progress(sum(dones) - again, sum(totals) - again, len(self._causes))


class Front:
    """Does sweeps. jobs: processes here; cluster: address of a Dask scheduler instead. interrupted: by Ctrl-C.

    Raises: Usage where there is no such cluster.
    """

    def __init__(self, specs: list[Spec], jobs: int = 1, cluster: str | None = None) -> None:
        self.specs, self.jobs, self.cluster = specs, jobs, cluster
        self.interrupted = False
        self._found: list[dict[str, Found]] = [{} for _ in specs]

    def run(self, progress: Progress | None = None) -> list[dict[str, Any]]:
        """The result of each sweep. After Ctrl-C: what is known, of those whose normal run came to an end."""
        tally = Tally(progress)
        try:
            with Stop(at_once=bool(self.cluster) or self.jobs > 1) as stop:
                self._run(tally, stop)
        except KeyboardInterrupt:
            self.interrupted = True
        both = zip(self.specs, self._found, strict=True)
        results = [self._result(spec, found) for spec, found in both if () in found.get(BRANCHES, Found()).scenarios]
        return [{**made, "interrupted": True} for made in results] if self.interrupted else results

    def add(self, task: Task, found: Found) -> None:
        """A task is done, or was interrupted."""
        self._found[task.sweep].setdefault(task.kind, Found()).add(found)

    def _run(self, tally: Tally, stop: Stop) -> None:
        if self.cluster:
            from runtime.sweep import cluster
            cluster.run(self.specs, self.cluster, self.add, tally)
        elif self.jobs > 1:
            from runtime.sweep import workers
            workers.run(self.specs, tasks(self.specs, self.jobs), self.jobs, self.add, tally)
        else:
            for number, task in enumerate(tasks(self.specs, 1), 1):
                found = self._found[task.sweep][task.kind] = Found()
                perform(self.specs[task.sweep], task, found, partial(tally.tell, task), stop)
                tidy(number)

    def _result(self, spec: Spec, found: dict[str, Found]) -> dict[str, Any]:
        others = [found[kind] for kind in (LEFT, UNINIT) if kind in found]
        made = result(spec, joined(found[BRANCHES], *others) if others else found[BRANCHES])
        if UNINIT in found and found[UNINIT].findings:
            made["scenarios"][0]["replay"] += " --uninit"
        seen = found[OBSERVE].observed if OBSERVE in found else {}
        return {**made, **seen, "coverage": coverage_of(spec, found[BRANCHES]), "notes": notes(spec)}


def tasks(specs: list[Spec], workers: int) -> list[Task]:
    """The work in parts of about equal size: whole sweeps where there are many."""
    parts = 1 if len(specs) >= 2 * workers else workers
    return [Task(sweep, kind, part, each) for sweep, spec in enumerate(specs) for kind in kinds(spec)
            for each in [parts if kind in SWEEPS else 1] for part in range(each)]  # fmt: skip


def tidy(number: int) -> None:
    """Give the memory of machines back, some at a time: they are circles, which Python looks for rarely here."""
    if not number % DEAD_MACHINES:
        gc.collect()


def perform(spec: Spec, task: Task, found: Found, tell: Tell, stop: Stop) -> None:
    """Do a task. found: is filled, and holds what is known when an exception ends it."""
    spec = on_side(spec, task.kind)
    if task.kind in SWEEPS:
        _sweep(spec, task, found, tell, stop)
    elif task.kind == UNINIT:
        found.add(uninitialised(spec))
    else:
        found.observed = observed(spec)
    stop.check()


def _sweep(spec: Spec, task: Task, found: Found, tell: Tell, stop: Stop) -> None:
    known: set[Any] = set()

    def progress(done: int, total: int, findings: int) -> None:
        new = work.causes() - known if findings > len(known) else set()
        known.update(new)
        tell(done, total, new)
        stop.check()

    work = Sweep(spec, task.part, task.parts, progress)
    work.found = found
    try:
        work.run()
    except KeyboardInterrupt:
        work.settle()
        raise
    finally:
        work.machine.close()
