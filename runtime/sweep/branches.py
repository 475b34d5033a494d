"""The sweep: a scenario is run once, and from each place where a call may fail a branch is run in which it does.

The normal run comes first. It notes the fault points, and marks the machine before each call that is likely to be a new
one. Then the machine is taken back to these marks, the last one first, and a branch is run from each to the end of the
scenario. So nothing is run twice, and a branch costs what it does.

Fault points without a mark come after that: the run is repeated from its first trap on, the machine is marked before
each of their traps, and taken back there after the branch. Branches of branches (depth) work the same way.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from runtime.check.findings import Finding
from runtime.machine import Machine
from runtime.sweep.child import in_child
from runtime.sweep.course import Course
from runtime.sweep.found import Found, Key
from runtime.sweep.marker import Marker
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

    After run(): found is what came of it. points: what failed. marks: of the normal run, by number of the trap.
    """

    def __init__(self, spec: Spec, part: int = 0, parts: int = 1, progress: Progress | None = None) -> None:
        self.spec, self.part, self.parts, self.progress = spec, part, parts, progress
        self.machine = Machine(**{**spec.config, "rewindable": True, "coverage": spec.coverage})
        self.course = Course(self.machine, spec.modules, spec.steps)
        self.found = Found()
        self.marker = Marker(self.machine, on=not spec.fork and not spec.every_event)
        self.points: list[Point] = []
        self.marks: dict[int, Any] = {}
        self._levels: list[_Level] = []
        self._start: Any = None
        self._raw: dict[Any, tuple[Key, Finding, list[Any]]] = {}
        self._total = 1
        self.machine.loop.watch(self._before)

    def run(self) -> None:
        """The normal run, then all branches of this part."""
        self._run(self.course.run)

    def repeat(self) -> None:
        """All of it again, but for boot and what comes before the first trap: what a benchmark measures."""
        self.machine.rewind(self._start)
        self.machine.loop.traps[1] = 0
        self._run(self.course.resume)

    def _run(self, course: Callable[[bool], None]) -> None:
        survey = Survey(self.course, self.spec.every_event)
        self.machine.kernel.mm.plan = survey
        self.marks = self.marker.begin()
        course(True)  # taken back by the first branch
        self.marker.end()
        if self.spec.coverage:
            self.found.ran_normally = self.machine.recording.take()
        self._note_sites(survey)
        self._record((), 0)
        records = self.machine.kernel.log.read()
        self.found.log = [{"level": r.level, "time": r.time / 1e9, "text": r.text} for r in records]
        self.points = survey.points[self.part :: self.parts]
        self._total = 1 + len(self.points)
        self._try((), self.points, self.marks, self._start)
        self.settle()

    def _try(self, above: tuple[Point, ...], points: list[Point], marks: dict[int, Any], start: Any) -> None:
        """Let each of the points fail, after those in above. marks: by number of the trap. start: before all of them.

        The machine is left at the end of some branch.
        """
        for point in reversed(points):
            if point.trap in marks:
                self.branches_of((*above, point), marks[point.trap])
        rest = [point for point in points if point.trap not in marks]
        if rest:
            self.machine.rewind(start)
            self._explore(above, rest)

    def branches_of(self, failed: tuple[Point, ...], mark: Any) -> None:
        """A branch and those of it, each from the mark or later."""
        self.machine.rewind(mark)
        if len(failed) == self.spec.depth:
            self._branch(failed)
            return
        marks = self.marker.begin()
        points = self._branch(failed)
        self.marker.end()
        if points:
            self._try(failed, points, marks, mark)

    def _explore(self, above: tuple[Point, ...], points: list[Point]) -> None:
        """Go on from where the machine is, which is before all of the points, and let each of them fail on the way."""
        level = _Level(above, points)
        self._levels.append(level)
        self.machine.kernel.mm.plan = FailAt(self.machine.kernel, _turns(above), None) if above else None
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
                self.branches_of(failed, mark)
                machine.rewind(mark)
        machine.kernel.mm.plan = plan
        if not level.next_trap():
            raise _Enough
        return level.next_trap()

    def _in_children(self, failed: tuple[Point, ...]) -> None:
        """The same in child processes, which nobody takes back."""
        points = in_child(self, self._branch, failed)
        if points:
            in_child(self, self._explore, failed, points)

    def _branch(self, failed: tuple[Point, ...]) -> list[Point]:
        """Let a call fail, run the scenario to its end, and record it. Return: what may fail after that."""
        k, deeper = self.machine.kernel, len(failed) < self.spec.depth
        survey = Survey(self.course, self.spec.every_event, failed[-1]) if deeper else None
        first = len(k.check.all)
        k.mm.plan = FailAt(k, [failed[0].turn] if len(failed) == 1 else _turns(failed), survey)
        self.machine.loop.traps[1] = 0
        self.course.resume(branch=True)
        points = self._note_sites(survey) if survey is not None else []
        self._total += len(points)
        self._record(failed, first)
        return points

    def _record(self, failed: tuple[Point, ...], first: int) -> None:
        """Note what came of a scenario, whose findings are those from index `first` on."""
        course, every = self.course, self.machine.kernel.check.all
        if len(failed) == 1:
            key: Key = (failed[0].nth,)
            fails = [failed[0].site]
        else:
            key, fails = tuple([point.nth for point in failed]), [point.site for point in failed]
        self.found.scenarios[key] = {
            "fails": fails, "results": [*course.results], "unsupported": course.unsupported,
            "findings": self._causes_of(every[first:], key) if len(every) > first else [],
        }  # fmt: skip
        if self.progress is not None:
            self.tell()

    def _causes_of(self, findings: list[Finding], key: Key) -> list[Any]:
        """Their causes; of each the finding is kept of the first scenario that meets it."""
        for finding in findings:
            if finding.cause not in self._raw or key < self._raw[finding.cause][0]:
                self._raw[finding.cause] = key, finding, list(self.machine.kernel.places.known)
        return [finding.cause for finding in findings]

    def settle(self) -> None:
        """Look up the names and lines of the findings: it is known now which scenario is the first to meet each."""
        for cause, (key, finding, modules) in self._raw.items():
            told = finding.as_dict(partial(self.machine.kernel.places.frames, modules=modules))
            self.found.add_finding(cause, key, told)
        self._raw.clear()
        if self.spec.coverage:
            self.found.ran |= self.found.ran_normally | self.machine.recording.look()

    def causes(self) -> set[Any]:
        """The causes of all findings so far."""
        return self.found.findings.keys() | self._raw.keys()

    def tell(self) -> None:
        """Tell whoever watches how far it is."""
        if self.progress is not None:
            self.progress(len(self.found.scenarios), self._total, len(self.causes()))

    def _note_sites(self, survey: Survey) -> list[Point]:
        """Remember the sites of a survey while their modules are known. Return: its points."""
        owner = self.machine.kernel.modules.owner_name
        for point in survey.points:
            if point.site not in self.found.sites:
                kind, function, stack = point.site
                self.found.sites[point.site] = point.nth, {
                    "kind": kind, "function": function, "what": point.what, "size": point.size, "gfp": point.gfp,
                    "at": self.machine.frames(stack), "step": words(self.spec.steps[point.step]),
                    "module": owner(stack[0]), "hits": survey.hits[point.site],
                }  # fmt: skip
        return survey.points


def _turns(failed: tuple[Point, ...]) -> list[int]:
    """The turns of those that fail in the trap of the last one."""
    return [point.turn for point in failed if point.trap == failed[-1].trap]
