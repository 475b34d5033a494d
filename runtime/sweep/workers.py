"""Processes of this computer that do parts of sweeps.

They are forked, so that they begin with everything imported (2 ms instead of 200), from a process that has no threads.
Each has a pipe: a task goes down, progress and in the end what was found come up. Ctrl-C reaches all processes of a
terminal's job, or only the one that was started; so only that one listens, and tells the others by SIGTERM.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection, wait
from typing import Any

from runtime.sweep.found import Found
from runtime.sweep.interrupt import Stop
from runtime.sweep.parallel import SWEEPS, Tally, Task, perform, tidy
from runtime.sweep.spec import Spec

PATIENCE = 5.0  # seconds in which a worker that was told to stop has to say what it has found so far
INTERVAL = 0.05  # seconds between two words of a worker about its progress

Add = Callable[[Task, Found], None]


class _Worker:
    """One process, and the task that it is at."""

    def __init__(self, specs: list[Spec], others: "list[_Worker]") -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        inherited = [self.pipe, *(other.pipe for other in others)]
        self.process = context.Process(target=_work, args=(specs, theirs, inherited))
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until the child ignores it
        self.process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        theirs.close()
        self.task: Task | None = None

    def give(self, waiting: list[Task]) -> bool:
        """Give it the next task. Return: False where there is none."""
        self.task = waiting.pop() if waiting else None
        if self.task:
            self.pipe.send(self.task)
        return bool(self.task)

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self.pipe.close()
        if self.process.is_alive() and self.task:
            self.process.kill()
        self.process.join()


def run(specs: list[Spec], tasks: list[Task], jobs: int, add: Add, tally: Tally) -> None:
    """Do all tasks. Raises: what a worker raised; KeyboardInterrupt, when all that is known has been added."""
    workers: list[_Worker] = []
    waiting = tasks[::-1]
    try:
        for _ in range(min(jobs, len(tasks))):
            workers.append(_Worker(specs, workers))
        _serve(workers, waiting, add, tally)
    except KeyboardInterrupt:
        _hear_out(workers, add)
        raise
    finally:
        for worker in workers:
            worker.stop()


def _serve(workers: list[_Worker], waiting: list[Task], add: Add, tally: Tally) -> None:
    """Give tasks to whoever has none, until there are no more."""
    busy = {worker.pipe: worker for worker in workers if worker.give(waiting)}
    while busy:
        for pipe in wait(list(busy)):
            worker = busy[pipe]  # type: ignore[index]
            assert worker.task
            kind, word = _receive(worker)
            if kind == "progress":
                tally.tell(worker.task, *word)
                continue
            add(worker.task, word)
            if worker.task.kind in SWEEPS:
                tally.tell(worker.task, len(word.scenarios), len(word.scenarios), word.findings)
            if not worker.give(waiting):
                del busy[worker.pipe]


def _receive(worker: _Worker) -> tuple[str, Any]:
    """What a worker says. Raises: what it raised."""
    try:
        kind, word = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        raise RuntimeError(f"a worker process died (exit status {worker.process.exitcode})") from None
    if kind == "error":
        worker.task = None
        raise word
    return kind, word


def _hear_out(workers: list[_Worker], add: Add) -> None:
    """Tell all that they are to stop, and take what they have found so far."""
    busy = {worker.pipe: worker for worker in workers if worker.task}
    for worker in busy.values():
        worker.process.terminate()
    end = time.monotonic() + PATIENCE
    while busy and (ready := wait(list(busy), max(0.0, end - time.monotonic()))):
        for pipe in ready:
            worker = busy[pipe]  # type: ignore[index]
            assert worker.task
            try:
                kind, word = _receive(worker)
            except Exception:
                del busy[worker.pipe]
                continue
            if kind == "found":
                add(worker.task, word)
                worker.task = None
                del busy[worker.pipe]


def _work(specs: list[Spec], pipe: Connection, inherited: list[Connection]) -> None:
    """A worker's whole life. inherited: other ends of pipes, which would keep them open."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        for number in count(1):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            task = pipe.recv()
            pipe.send(_attempt(specs[task.sweep], task, pipe))
            tidy(number)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        os._exit(0)


def _attempt(spec: Spec, task: Task, pipe: Connection) -> tuple[str, Any]:
    """Do a task. Return: what to say of it."""
    found, next_word = Found(), 0.0

    def tell(done: int, total: int, causes: Any) -> None:
        """Say how far this worker is, but not more often than each INTERVAL."""
        nonlocal next_word
        now = time.monotonic()
        unsaid.extend(causes)
        if now >= next_word:
            next_word = now + INTERVAL
            pipe.send(("progress", (done, total, unsaid[:])))
            unsaid.clear()

    unsaid: list[Any] = []
    try:
        with Stop(signal.SIGTERM) as stop:
            perform(spec, task, found, tell, stop)
    except KeyboardInterrupt:
        pass
    except Exception as problem:
        return "error", problem
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # saying it is not interrupted
    return "found", found
