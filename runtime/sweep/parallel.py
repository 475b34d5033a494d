"""Many sweeps, or the parts of one: here, in processes of this computer, or on a Dask cluster.

A part knows nothing of the others, and what it finds is plain data that says by itself where it belongs: the result is
the same whoever did the work, in whatever order.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from runtime.errors import Usage
from runtime.sweep.found import Found
from runtime.sweep.result import result
from runtime.sweep.spec import Spec
from runtime.sweep.sweep import Sweep

Progress = Callable[[int, int, int], None]


class Task(NamedTuple):
    """Part number `part` of `parts` of the sweep with this index."""

    sweep: int
    part: int
    parts: int


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
        again = len(self._parts) - len({task.sweep for task in self._parts})  # each part begins with the normal run
        dones, totals = zip(*self._parts.values(), strict=True)
        self._progress(sum(dones) - again, sum(totals) - again, len(self._causes))


class Front:
    """Does sweeps. jobs: processes here; cluster: address of a Dask scheduler instead. interrupted: by Ctrl-C.

    Raises: Usage where there is no such cluster.
    """

    def __init__(self, specs: list[Spec], jobs: int = 1, cluster: str | None = None) -> None:
        self.specs, self.jobs, self.cluster = specs, jobs, cluster
        self.interrupted = False
        self.found = [Found() for _ in specs]

    def run(self, progress: Progress | None = None) -> list[dict[str, Any]]:
        """The result of each sweep. After Ctrl-C: what is known, of those whose normal run came to an end."""
        tally = Tally(progress)
        try:
            if self.cluster:
                from runtime.sweep.cluster import run
                run(self.specs, self.tasks(), self.cluster, self.add, tally)
            elif self.jobs > 1:
                from runtime.sweep.workers import run as run_workers
                run_workers(self.specs, self.tasks(), self.jobs, self.add, tally)
            else:
                self._run_here(tally)
        except KeyboardInterrupt:
            self.interrupted = True
        return [result(spec, found) for spec, found in zip(self.specs, self.found, strict=True) if () in found.scenarios]

    def add(self, task: Task, found: Found) -> None:
        """A part is done, or was interrupted."""
        self.found[task.sweep].add(found)

    def tasks(self) -> list[Task]:
        """Parts of equal size: whole sweeps where there are many."""
        parts = 1 if len(self.specs) >= 2 * self.jobs and not self.cluster else self.jobs
        return [Task(sweep, part, parts) for sweep in range(len(self.specs)) for part in range(parts)]

    def _run_here(self, tally: Tally) -> None:
        for index, spec in enumerate(self.specs):
            found, task = self.found[index], Task(index, 0, 1)
            seen = 0

            def told(done: int, total: int, _: int, found: Found = found, task: Task = task) -> None:
                nonlocal seen
                causes = list(found.findings)[seen:]
                seen += len(causes)
                tally.tell(task, done, total, causes)

            work = Sweep(spec, 0, 1, told)
            work.found = found
            work.run()
