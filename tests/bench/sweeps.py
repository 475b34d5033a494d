"""What a fault sweep costs: a scenario, with fences or without, beside its slow twins; and late in a long init."""

from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from runtime import Machine
from runtime.report.sources import Sources
from runtime.report.style import Style
from runtime.report.text import finding_lines
from runtime.sweep import Spec, Sweep, of_modules
from tests.bench.table import Ratio, Row, timed
from toolchain import build

ROOT = Path(__file__).resolve().parents[2]
TEN, THOUSAND, MANY, INSIDE = "after 10 allocations", "after 1,000", "after 10,000", "after 1,000 in a callback"
SCENARIO, FENCED, FORKED = "sweep, a scenario", "sweep with fences, a scenario", "sweep by fork, a scenario"
PLAIN_RUN, FENCED_RUN = "insmod and rmmod of seven", "insmod and rmmod of seven, with fences"
AGAIN = 50
WARM, SWEEPS = 20, 200  # a sample of a sweep: 1,600 scenarios, a fifth of a second

RATIOS = (
    Ratio("a scenario after 1,000 / 10 allocations", THOUSAND, TEN, at_most=1.3),
    Ratio("a scenario after 10,000 / 10 allocations", MANY, TEN, at_most=1.3),
    Ratio("a scenario in a callback / after 10", INSIDE, TEN, at_most=1.3),
    Ratio("a run with fences / without", FENCED_RUN, PLAIN_RUN, at_most=1.5),
)


def seven(**config: Any) -> Spec:
    """The sweep of a module with seven kinds of allocation: eight scenarios."""
    return of_modules({"seven": build(ROOT / "tests/bench/seven.c").read_bytes()}, {}, config=config)


def scenarios(name: str, limit: float | None, spec: Spec, times: int = SWEEPS) -> Row:
    """Seconds for a scenario of a sweep whose modules are loaded. It has no other machine beside it, as in a process of
    its own: they share the caches of the processor.
    """

    def sample() -> float:
        work = Sweep(spec)
        work.run()
        repeat(work, min(times, WARM))
        return timed(partial(repeat, work, times), times * len(work.found.scenarios))

    return Row(name, sample, limit=limit)


def repeat(work: Sweep, times: int) -> None:
    """All scenarios, so many times."""
    for _ in range(times):
        work.repeat()


def from_scratch(spec: Spec) -> Row:
    """The same scenarios, each on a machine of its own: the fault point is found by its number."""
    numbers = _numbers(spec)

    def run(nth: int) -> None:
        with Machine(fail=f"nth={nth}", **spec.config) as machine:
            try:
                machine.insmod(spec.modules["seven"])
            except OSError:
                return
            raise AssertionError("nothing failed")

    def all_of_them() -> None:
        for nth in numbers:
            run(nth)

    return Row("each scenario on a new machine", lambda: timed(all_of_them, len(numbers)))


def _numbers(spec: Spec) -> list[int]:
    work = Sweep(spec)
    work.run()
    return [point.nth for point in work.points]


def late(name: str, arguments: str) -> Row:
    """Seconds for the scenario in which the last allocation of a long init fails."""
    module = build(ROOT / "tests/bench/many.c").read_bytes()

    def sample() -> float:
        work = Sweep(of_modules({"many": module}, {"many": arguments}, config={}), part=1, parts=2)  # the second of two
        work.run()
        point = work.points[0]
        assert work.found.scenarios[point.nth,]["results"][0] == "ENOMEM"

        def again() -> None:
            for _ in range(AGAIN):
                work.branches_of((point,), work.marks[point.trap])

        return timed(again, AGAIN)

    return Row(name, sample)


def runs(name: str, **config: Any) -> Row:
    """Seconds to load and remove the module, on a machine that has done so before."""
    module = seven().modules["seven"]

    def sample() -> float:
        with Machine(**config) as machine:

            def once() -> None:
                machine.insmod(module)
                machine.rmmod("seven")

            once()
            return timed(once)

    return Row(name, sample)


def first_finding() -> Row:
    """From the end of a run to its first finding with stacks and lines, DWARF read and all."""
    source = ROOT / "tests/bench/many.c"
    module = build(source).read_bytes()

    def show() -> float:
        with Machine(fail="nth=11") as machine:
            try:
                machine.insmod(module)
            except OSError:
                return timed(partial(print_first, machine))
            raise AssertionError("nothing failed")

    def print_first(machine: Machine) -> None:
        told = machine.findings[0].as_dict(machine.frames)
        lines = list(finding_lines(told, Sources([source.parent]), Style(StringIO())))
        assert any("many.c:20" in line for line in lines) and len(lines) > 3

    return Row("the first finding, with its lines", show, limit=30e-3)


def rows() -> list[Row]:
    """All rows of sweeps."""
    spec = seven()
    return [
        scenarios(SCENARIO, 100e-6, spec),
        scenarios(FENCED, 125e-6, seven(fences="right")),
        scenarios(FORKED, None, spec._replace(fork=True), 1),
        from_scratch(spec),
        late(TEN, "count=10"),
        late(THOUSAND, "count=1000"),
        late(MANY, "count=10000"),
        late(INSIDE, "count=1000 inside=1"),
        runs(PLAIN_RUN),
        runs(FENCED_RUN, fences="right"),
        first_finding(),
    ]
