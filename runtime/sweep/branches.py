"""The sweep: a scenario is run once, and at each place where a call may fail a branch is run in which it does.

The normal run comes first and notes the fault points, by the number of their trap. Then the machine is taken back to
the first trap, and the run is repeated; before each of those traps it is marked, the branch with the failure is run
to the end of the scenario, and the machine is taken back to the mark. So nothing is run twice but the normal run, and a
branch costs what it does. Branches of branches (depth) work the same way.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from runtime.machine import Machine
from runtime.sweep.child import in_child
from runtime.sweep.course import Course
from runtime.sweep.found import Found
from runtime.sweep.points import FailAt, Point, Survey
from runtime.sweep.spec import Spec, words

Progress = Callable[[int, int, int], None]
"""Told after each scenario: how many are done, how many there are (as far as is known), findings so far."""


class _Enough(BaseException):
    """All fault points of a level have been tried: the rest of this run was seen before."""


class _Level:
    """The fault points that are still to fail in the run that is under way, after those in above."""

    def __init__(self, above: tuple[Point, ...], points: list[Point]) -> None:
        self.above, self.points, self.next = above, points, 0

    def next_trap(self) -> int:
        return self.points[self.next].trap if self.next < len(self.points) else 0


class Sweep:
    """One sweep, or one of several parts of it: every parts-th fault point of the normal run, from number `part` on.

    After run(): found is what came of it.
    """

    def __init__(self, spec: Spec, part: int = 0, parts: int = 1, progress: Progress | None = None) -> None:
        self.spec, self.part, self.parts, self.progress = spec, part, parts, progress
        self.machine = Machine(**{**spec.config, "rewindable": True})
        self.course = Course(self.machine, spec.modules, spec.steps)
        self.found = Found()
        self._levels: list[_Level] = []
        self._start: Any = None
        self._total = 1

    def run(self) -> None:
        """The normal run, then all branches of this part."""
        survey = Survey(self.course, self.spec.every_event)
        self.machine.kernel.mm.plan = survey
        self.machine.loop.watch(self._before)
        self.course.run()
        self._note_sites(survey)
        self._record((), 0)
        self.found.log = [{"level": r.level, "time": r.time, "text": r.text} for r in self.machine.dmesg()]
        mine = survey.points[self.part :: self.parts]
        self._total = 1 + len(mine)
        if mine:
            self.machine.rewind(self._start)
            self._explore((), mine)

    def _explore(self, above: tuple[Point, ...], points: list[Point]) -> None:
        """Go on from the mark that the machine is at, and let each of the points fail on the way."""
        level = _Level(above, points)
        self._levels.append(level)
        self.machine.kernel.mm.plan = FailAt(self.course, _turns(above), None) if above else None
        self.machine.loop.traps[1] = level.next_trap()
        with suppress(_Enough):
            self.course.resume()
        self._levels.pop()

    def _before(self) -> int:
        """A trap comes in which something may fail; or it is the first one: what was before needs no repetition."""
        if not self._levels:
            self._start = self.machine.mark()
            return 0
        level, machine = self._levels[-1], self.machine
        trap, plan = machine.loop.traps[0] + 1, machine.kernel.mm.plan
        mark = None if self.spec.fork else machine.mark()
        while level.next_trap() == trap:
            level.next += 1
            failed = (*level.above, level.points[level.next - 1])
            if self.spec.fork:
                self._in_children(failed)
            else:
                self._and_back(failed, mark)
        machine.kernel.mm.plan = plan
        if not level.next_trap():
            raise _Enough
        return level.next_trap()

    def _and_back(self, failed: tuple[Point, ...], mark: Any) -> None:
        """Run a branch and those of it, each time from the mark."""
        points = self._branch(failed)
        self.machine.rewind(mark)
        if points:
            self._explore(failed, points)
            self.machine.rewind(mark)

    def _in_children(self, failed: tuple[Point, ...]) -> None:
        """The same in child processes, which nobody takes back."""
        points = in_child(self, self._branch, failed)
        if points:
            in_child(self, self._explore, failed, points)

    def _branch(self, failed: tuple[Point, ...]) -> list[Point]:
        """Let a call fail, run the scenario to its end, and record it. Return: what may fail after that."""
        machine, deeper = self.machine, len(failed) < self.spec.depth
        survey = Survey(self.course, self.spec.every_event, failed[-1]) if deeper else None
        first = len(machine.findings)
        machine.kernel.mm.plan = FailAt(self.course, _turns(failed), survey)
        machine.loop.traps[1] = 0
        self.course.resume()
        points = self._note_sites(survey) if survey is not None else []
        self._total += len(points)
        self._record(failed, first)
        return points

    def _record(self, failed: tuple[Point, ...], first: int) -> None:
        """Note what came of a scenario, whose findings are those from index `first` on."""
        course, machine = self.course, self.machine
        key = tuple(point.nth for point in failed)
        causes = []
        for finding in machine.findings[first:]:
            causes.append(finding.cause)
            if finding.cause not in self.found.findings:
                self.found.findings[finding.cause] = key, finding.as_dict(machine.frames)
        self.found.scenarios[key] = {
            "fails": [point.site for point in failed], "results": list(course.results), "outcome": course.outcome(),
            "unsupported": course.unsupported, "findings": causes,
        }  # fmt: skip
        self.tell()

    def tell(self) -> None:
        """Tell whoever watches how far it is."""
        if self.progress is not None:
            self.progress(len(self.found.scenarios), self._total, len(self.found.findings))

    def _note_sites(self, survey: Survey) -> list[Point]:
        """Remember the sites of a survey while their modules are known. Return: its points."""
        owner = self.machine.kernel.modules.owner_name
        for point in survey.points:
            if point.site not in self.found.sites:
                self.found.sites[point.site] = point.nth, {
                    "kind": point.kind, "function": point.function, "what": point.what, "size": point.size,
                    "gfp": point.gfp, "at": self.machine.frames(point.stack),
                    "step": words(self.spec.steps[point.step]), "module": owner(point.stack[0]), "hits": survey.hits[point.site],
                }  # fmt: skip
        return survey.points


def _turns(failed: tuple[Point, ...]) -> list[int]:
    """The turns of those that fail in the trap of the last one."""
    return [point.turn for point in failed if point.trap == failed[-1].trap]
