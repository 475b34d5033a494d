"""A scenario under way on a machine: its index and what came of its steps are part of the machine's state."""

import errno
from collections.abc import Callable
from typing import Any

from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported
from runtime.machine import Machine
from runtime.sweep.spec import OK, SKIPPED, Step
from runtime.undo import pop, push


class Course:
    """results: of the steps that are done, in words; their number is the index of the step that is under way.
    lost: a task was killed, or we lack something: the rest is not done.
    """

    def __init__(self, machine: Machine, modules: dict[str, bytes], steps: tuple[Step, ...]) -> None:
        self.machine, self.modules, self.steps = machine, modules, steps
        self._loaded, self._resume, self._count = machine.kernel.modules, machine.loop.resume, len(steps)
        # From this step on nothing comes after the step that could tell what it leaves behind.
        self._last = max((at for at, step in enumerate(steps) if step[0] != "rmmod"), default=0)
        # From here on modules are removed, if they are there.
        self._tidying = max((at + 1 for at, step in enumerate(steps) if step[0] != "rmmod" or step[3]), default=0)
        self.lost = False
        self.unsupported = ""
        self.results: list[str] = machine.kernel.undo.list()
        self._noted = machine.kernel.undo.noted
        machine.kernel.undo.adopt(self)

    def run(self, branch: bool = False) -> None:
        """Do all steps from the one that comes next. branch: the machine is taken back when all is done, so that what
        the last ones leave behind need not be cleaned up.
        """
        results, loaded = self.results, self._loaded
        while (index := len(results)) < self._count:
            if index >= self._tidying and not loaded.loaded:
                push(results, SKIPPED)
                self._noted((pop, results))
            else:
                loaded.parting = branch and index >= self._last
                self._conclude(self._begin)

    def resume(self, branch: bool = False) -> None:
        """Go on in the middle of a step, at a trap, and do the rest."""
        self._loaded.parting = branch and len(self.results) >= self._last
        self._conclude(self._resume)
        self.run(branch)

    def _begin(self) -> Any:
        verb, name, arguments, expected = self.steps[len(self.results)]
        if self.lost or (verb == "rmmod" and not expected and not self._can_go(name)):
            return SKIPPED
        if verb == "insmod":
            return self.machine.insmod(self.modules[name], arguments)
        return self.machine.rmmod(name)

    def _can_go(self, name: str) -> bool:
        """Is it loaded, and has it an exit function, where it has an init?"""
        module = self.machine.kernel.modules.loaded.get(name)
        return module is not None and bool(module.exit or not module.init)

    def _conclude(self, act: Callable[[], Any]) -> None:
        try:
            done = act()
        except (InsmodError, Killed, KernelPanic, Unsupported) as error:
            result = self._word(error)
        else:
            result = self._word(done) if isinstance(done, InsmodError) else SKIPPED if done is SKIPPED else OK
        push(self.results, result)
        self._noted((pop, self.results))

    def _word(self, error: Exception) -> str:
        """A step ended so: the machine raised it, or gave it as its result."""
        if isinstance(error, InsmodError):
            return errno.errorcode.get(error.errno or 0) or str(error.errno)
        self.lost = True
        if isinstance(error, Unsupported):
            self.unsupported = str(error)
            return f"unsupported: {error}"
        return f"{'killed' if isinstance(error, Killed) else 'panic'}: {error}"
