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
SWEEPS = 200  # a sample: 1,600 scenarios, a fifth of a second

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
    """Seconds for a scenario of a sweep whose modules are loaded."""
    work = Sweep(spec)
    work.run()
    count = len(work.found.scenarios)

    def again() -> None:
        for _ in range(times):
            work.repeat()

    return Row(name, lambda: timed(again, times * count), limit=limit)


def from_scratch(spec: Spec) -> Row:
    """The same scenarios, each on a machine of its own: the fault point is found by its number."""
    work = Sweep(spec)
    work.run()
    numbers = [point.nth for point in work.points]

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


def late(name: str, arguments: str) -> Row:
    """Seconds for the scenario in which the last allocation of a long init fails."""
    module = build(ROOT / "tests/bench/many.c").read_bytes()
    work = Sweep(of_modules({"many": module}, {"many": arguments}, config={}), part=1, parts=2)  # the second of two
    work.run()
    point = work.points[0]
    assert work.found.scenarios[point.nth,]["results"][0] == "ENOMEM"

    def again() -> None:
        for _ in range(AGAIN):
            work.branches_of((point,), work.marks[point.trap])

    return Row(name, lambda: timed(again, AGAIN))


def runs(name: str, **config: Any) -> Row:
    """Seconds to load and remove the module, on a machine that lives on."""
    machine, module = Machine(**config), seven().modules["seven"]

    def once() -> None:
        machine.insmod(module)
        machine.rmmod("seven")

    once()
    return Row(name, lambda: timed(once))


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
