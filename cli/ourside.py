"""The emulated machine's side of a comparison: runs a scenario on a Machine, and says what came of it in the words that
are used for the real kernel.
"""

import time
from collections.abc import Callable
from errno import errorcode
from pathlib import Path

from runtime import Machine
from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported
from toolchain.guest import Outcome
from toolchain.scenario import Scenario, Step

# The machine that the real kernel runs on.
MEMORY, CPUS = "1G", 2


def perform(
    scenario: Scenario, arch: str = "x86_64", cmdline: str = "", strict: bool = True,
    examine: Callable[[Machine], None] = lambda machine: None,
) -> tuple[list[Outcome], str]:  # fmt: skip
    """Run a scenario, whose modules are .ko files, on a new machine: to its end, a panic, or what the machine lacks.

    strict: check the checksums of symbols. examine: is given the machine at the end.
    Return: the outcomes, and what the machine lacks for the next step, "" for nothing.
    """
    outcomes: list[Outcome] = []
    try:
        with Machine(MEMORY, CPUS, arch=arch, cmdline=cmdline, strict=strict) as machine:
            side = _Side(machine, scenario.modules)
            for step in scenario.steps:
                outcomes.append(side.perform(step))
                if outcomes[-1].status == "panic":
                    break
            examine(machine)
    except Unsupported as gap:
        return outcomes, str(gap)
    return outcomes, ""


class _Side:
    """One machine, and how much of its log has been seen."""

    def __init__(self, machine: Machine, modules: dict[str, Path]) -> None:
        self.machine, self.modules, self._seen = machine, modules, 0

    def perform(self, step: Step) -> Outcome:
        """Do one step of a scenario. Return: what came of it, and what it logged."""
        if step.verb in ("do", "proc"):
            return Outcome(step, "rc=0", self._new_lines(), self._file(step).removesuffix("\n").split("\n"))
        if step.verb == "insmod":
            data = self.modules[step.subject].read_bytes()
            status, nanoseconds = _timed(lambda: self.machine.insmod(data, step.arguments))
        else:
            status, nanoseconds = _timed(lambda: self.machine.rmmod(step.subject))
        return Outcome(step, status, self._new_lines(), [], nanoseconds)

    def _file(self, step: Step) -> str:
        """What `proc NAME` or `do cat /proc/NAME` shows."""
        words = step.subject.split()
        if step.verb == "proc":
            return self.machine.proc(step.subject)
        if len(words) == 2 and words[0] == "cat" and words[1].startswith("/proc/"):
            return self.machine.proc(words[1].removeprefix("/proc/"))
        raise Unsupported(f"'do {step.subject}': of user space there is only 'cat /proc/NAME'")

    def _new_lines(self) -> list[str]:
        lines = self.machine.kernel.log.dmesg(raw=True).decode("utf-8", "backslashreplace").split("\n")[:-1]
        new, self._seen = lines[self._seen :], len(lines)
        return new


def _timed(action: Callable[[], object]) -> tuple[str, int]:
    """Do something; what came of it, as the caller of insmod sees it, and nanoseconds."""
    began = time.perf_counter_ns()
    try:
        action()
        status = "rc=0"
    except InsmodError as problem:
        status = f"rc=1 errno={errorcode.get(problem.errno or 0, problem.errno)}"
    except Killed as problem:
        status = f"rc={128 + problem.signal}"
    except KernelPanic:
        status = "panic"
    return status, time.perf_counter_ns() - began
