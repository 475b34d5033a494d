"""Parts of sweeps on a Dask cluster, whose workers have kmodrun installed. Dask is imported nowhere else."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from runtime.errors import Usage
from runtime.sweep.found import Found
from runtime.sweep.interrupt import Stop
from runtime.sweep.parallel import SWEEPS, Tally, Task, perform, tasks
from runtime.sweep.spec import Spec

ANSWER = 10  # seconds in which a scheduler answers


def run(specs: list[Spec], address: str, add: Callable[[Task, Found], None], tally: Tally) -> None:
    """Do all sweeps on the cluster's workers. Raises: Usage where Dask or the cluster is missing."""
    dask = _dask()
    try:
        client = dask.Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise Usage(f"--cluster {address}: {' '.join(str(problem).split()) or 'no scheduler answers'}") from None
    with client:
        work = tasks(specs, max(1, sum(client.nthreads().values())))
        at_work = {client.submit(part, specs[task.sweep], task, pure=False, priority=-at): task
                   for at, task in enumerate(work)}
        try:
            for future in dask.as_completed(at_work, loop=client.loop):
                _take(future.result(), at_work[future], add, tally)
        except ImportError as problem:
            raise Usage(f"--cluster {address}: its workers lack kmodrun, or have another version: {problem}") from None
        finally:
            client.cancel(list(at_work))


def _dask() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise Usage("--cluster needs Dask, which is not installed here: pip install 'kmodrun[cluster]'") from None


def _take(found: Found, task: Task, add: Callable[[Task, Found], None], tally: Tally) -> None:
    add(task, found)
    if task.kind in SWEEPS:
        tally.tell(task, len(found.scenarios), len(found.scenarios), found.findings)


def part(spec: Spec, task: Task) -> Found:
    """What a worker does. It has threads, so that it does not fork; the result is the same."""
    found = Found()
    perform(spec._replace(fork=False), task, found, _nothing, Stop())
    return found


def _nothing(*_: Any) -> None:
    """Nobody watches."""
