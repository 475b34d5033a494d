"""A scenario under way on a machine: its index and what came of its steps are part of the machine's state."""

import errno
from collections.abc import Callable
from typing import Any

from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported
from runtime.machine import Machine
from runtime.sweep.spec import Step

OK, SKIPPED = "ok", "skipped"


class Course:
    """index: of the step that is under way. results: of the steps before it, in words. lost: a task was killed, or we
    lack something: the rest is not done. branch: the machine is taken back when all is done.
    """

    def __init__(self, machine: Machine, modules: dict[str, bytes], steps: tuple[Step, ...]) -> None:
        self.machine, self.modules, self.steps = machine, modules, steps
        undo = machine.kernel.undo
        # From this step on nothing comes after the step that could tell what it leaves behind.
        self._last = max((at for at, step in enumerate(steps) if step[0] != "rmmod"), default=0)
        self.index = 0
        self.branch = False
        self.lost = False
        self.unsupported = ""
        self.results: list[str] = undo.list()
        undo.adopt(self)

    def run(self) -> None:
        """Do all steps from the one that comes next."""
        while self.index < len(self.steps):
            self._look_ahead()
            self._conclude(self._begin)

    def resume(self) -> None:
        """Go on in the middle of a step, at a trap, and do the rest."""
        self._look_ahead()
        self._conclude(self.machine.resume)
        self.run()

    def _look_ahead(self) -> None:
        """In a branch, what the last steps leave behind need not be cleaned up."""
        modules = self.machine.kernel.modules
        parting = self.branch and self.index >= self._last
        if modules.parting != parting:
            modules.parting = parting

    def _begin(self) -> Any:
        verb, name, arguments, expected = self.steps[self.index]
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
            result = SKIPPED if act() is SKIPPED else OK
        except InsmodError as error:
            result = errno.errorcode.get(error.errno or 0, str(error.errno))
        except Killed as killed:
            result, self.lost = f"killed: {killed}", True
        except KernelPanic as panic:
            result, self.lost = f"panic: {panic}", True
        except Unsupported as gap:
            result, self.lost, self.unsupported = f"unsupported: {gap}", True, str(gap)
        self.results.append(result)
        self.index += 1

    def outcome(self) -> str:
        """The first step that did not do what the scenario expects: `insmod foo: ENOMEM`; "" for none."""
        for (verb, name, _, expected), result in zip(self.steps, self.results, strict=False):
            if result not in (expected or OK, SKIPPED):
                return f"{verb} {name}: {result}"
        return ""


