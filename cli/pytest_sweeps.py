"""@pytest.mark.fault_sweep("foo.c"): each scenario of a sweep is a test of its own.

The sweep is run while tests are collected, once for each module and options in a session. Every worker of xdist does
so, and gets the same tests in the same order, since the same sweep gives the same result.
"""

import os
from argparse import Namespace
from collections import Counter
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.scenarios import MACHINE, as_spec, joined, of_operand, split, with_parameters
from runtime import Machine
from runtime.errors import Unsupported, Usage
from runtime.report.result import called, failures, place, site_place, where
from runtime.report.sources import Sources
from runtime.report.style import Plain
from runtime.report.text import finding_lines
from runtime.sweep.besides import BRANCHES, on_side
from runtime.sweep.course import Course
from runtime.sweep.parallel import Front
from runtime.sweep.spec import Spec
from runtime.units import parse_size
from toolchain.scenario import module_name

SWEEPS = pytest.StashKey[dict[str, "Swept | str"]]()
OPTIONS = {"depth": 1, "all": False, "fork": False, "fences": "right", "uninit": True, "params": ""}


class Swept(NamedTuple):
    """A sweep that has been done."""

    spec: Spec
    result: dict[str, Any]


class Found:
    """A finding: kind, message, file, line; data: all of it, as in the JSON of `kmodrun sweep`."""

    def __init__(self, data: dict[str, Any]) -> None:
        frame = place(data) or {}
        self.data = data
        self.kind, self.message = str(data["kind"]), str(data["message"])
        self.file, self.line = frame.get("file"), frame.get("line")

    def __repr__(self) -> str:
        return f"Found({where(place(self.data))}: {self.kind}: {self.message})"


class Scenario:
    """One run of the modules, in which the call at `site` failed (or none did).

    verdict: clean, handled, ignored, findings. result: the step that did not succeed, `insmod foo: ENOMEM`; "" for
    none. findings: a list; a test that expects some takes them out. replay: the command that shows it again.
    """

    def __init__(self, swept: Swept, index: int) -> None:
        self._swept, self._index = swept, index
        row = self._row = swept.result["scenarios"][index]
        usual = set(swept.result["scenarios"][0]["findings"]) if index else set()
        self.verdict, self.result, self.replay = str(row["verdict"]), str(row["result"]), str(row["replay"])
        self.site = failures(swept.result, row)
        self.findings = [Found(swept.result["findings"][at]) for at in row["findings"] if at not in usual]
        self._complaint = f"{self.result}, although nothing was made to fail" if not index and self.result else ""

    def __repr__(self) -> str:
        return f"Scenario({self.site or 'nothing fails'}: {self.verdict})"

    @property
    def log(self) -> str:
        """The kernel log of this run, which is done once more for it."""
        config = on_side(self._swept.spec, BRANCHES).config
        with Machine(**config, fail=[f"nth={nth}" for nth in self._row["nth"]]) as machine:
            Course(machine, self._swept.spec.modules, self._swept.spec.steps).run()
            return "\n".join(record.text for record in machine.dmesg())

    def told(self, directory: Path) -> str:
        """The text of the findings that nobody has taken, which takes them; "" for none."""
        sources = Sources([directory])
        lines: list[str] = []
        for found in self.findings:
            data = {**found.data, "scenarios": [self._index]}
            lines += finding_lines(data, sources, Plain(), self._swept.result)
        self.findings.clear()
        if self._complaint:
            lines += [self._complaint, *self.log.splitlines(), f"  replay with {self.replay}"]
            self._complaint = ""
        return "\n".join(lines)


def generate(metafunc: pytest.Metafunc) -> None:
    """Make a test of each scenario of each sweep that the test is marked with."""
    parameters: list[Any] = []
    for mark in reversed(list(metafunc.definition.iter_markers("fault_sweep"))):
        swept = sweep_of(mark, metafunc.definition)
        if isinstance(swept, str):
            parameters.append(pytest.param(swept, id="-".join(Path(name).name for name in mark.args) or "no-module"))
            continue
        for index, name in enumerate(names(swept.result)):
            gap = lacking(swept.result["scenarios"][index])
            marks = [pytest.mark.skip(reason=f"unsupported: {gap}")] if gap else []
            parameters.append(pytest.param((swept, index), id=name, marks=marks))
    if "scenario" not in metafunc.fixturenames:
        metafunc.fixturenames.append("scenario")  # or there is nothing to parametrize
    metafunc.parametrize("scenario", parameters, indirect=True)


def prepare(param: tuple[Swept, int] | str, config: pytest.Config) -> Scenario:
    """The fixture `scenario`. param: of what generate() has made; a text where there is no sweep."""
    if isinstance(param, str):
        pytest.fail(param, pytrace=False)
    swept, index = param
    if sarif := config.pluginmanager.get_plugin("kmodrun-sarif"):
        sarif.add(swept.result)
    return Scenario(swept, index)


def sweep_of(mark: pytest.Mark, item: pytest.Item) -> Swept | str:
    """The sweep that a mark asks for, done once in a session. Return: in words why there is none."""
    known = item.config.stash.setdefault(SWEEPS, {})
    key = repr((item.path.parent, mark.args, sorted(mark.kwargs.items(), key=str)))
    if key not in known:
        known[key] = attempt(mark, item)
    return known[key]


def attempt(mark: pytest.Mark, item: pytest.Item) -> Swept | str:
    """Do the sweep; what a compiler says goes with the words."""
    with redirect_stderr(StringIO()) as said:
        try:
            spec = spec_of(mark, item)
            front = Front([spec])
            done = front.run()
        except (Usage, Unsupported, OSError) as problem:
            return "\n".join(filter(None, [f"@pytest.mark.fault_sweep: {problem}", said.getvalue()]))
    if front.interrupted:
        raise KeyboardInterrupt
    return Swept(spec, done[0])


def spec_of(mark: pytest.Mark, item: pytest.Item) -> Spec:
    """What is swept, of a mark's arguments. Raises: Usage."""
    if unknown := set(mark.kwargs) - set(MACHINE) - set(OPTIONS):
        raise Usage(f"no such argument: {', '.join(sorted(unknown))} ({', '.join([*OPTIONS, *MACHINE])})")
    if not mark.args:
        raise Usage("of which module?")
    given = {**OPTIONS, **mark.kwargs}
    args = headers(item.config)
    files = [os.path.relpath(item.path.parent / name) for name in mark.args]
    scenario = joined([of_operand(file, args) for file in files])
    own = module_name(scenario.name) if len(files) == 1 else ""
    scenario = with_parameters(scenario, parameters_of(given["params"]), own if own in scenario.modules else "")
    machine = {**MACHINE, **{name: value for name, value in mark.kwargs.items() if name in MACHINE}}
    machine["memory"] = parse_size(str(machine["memory"]))
    bundled = ["--bundled"] if args.bundled else ["--kernel", args.kernel] if args.kernel else []
    return as_spec(scenario, args, {**machine, "fences": given["fences"]}, bundled, depth=given["depth"],
                   every_event=given["all"], fork=given["fork"], uninit=given["uninit"])


def parameters_of(given: str | dict[str, Any]) -> list[str]:
    """`n=5 flag`, or a dict with strings, numbers, booleans and lists, as options --param."""
    if isinstance(given, str):
        return split(given)
    return [f"{name}={in_words(value)}" for name, value in given.items()]


def in_words(value: Any) -> str:
    """A parameter's value as insmod takes it."""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return ",".join(map(in_words, value)) if isinstance(value, (list, tuple)) else str(value)


def headers(config: pytest.Config) -> Namespace:
    """What the ini option kmodrun_headers chooses, as the options of the command line."""
    chosen = str(config.getini("kmodrun_headers"))
    directory = None if chosen in ("auto", "bundled") else str(config.rootpath / chosen)
    return Namespace(bundled=chosen == "bundled", kernel=directory)


def lacking(row: dict[str, Any]) -> str:
    """What kmodrun lacks for a scenario; "" for nothing."""
    results = [step["result"] for step in row["steps"]]
    return next((result.partition(": ")[2] for result in results if result.startswith("unsupported")), "")


def names(result: dict[str, Any]) -> list[str]:
    """The ids of all scenarios, no two alike: `insmod-kmalloc-foo.c:42`; with `-nth=17` where a line is met again."""
    made = [name_of(result, row) for row in result["scenarios"]]
    several = {name for name, times in Counter(made).items() if times > 1}
    return [name + "".join(f"-nth={nth}" for nth in row["nth"]) if name in several else name
            for name, row in zip(made, result["scenarios"], strict=True)]


def name_of(result: dict[str, Any], row: dict[str, Any]) -> str:
    """What fails in which step, and where: `insmod-kmalloc-foo.c:42+vmalloc-foo.c:50`; `normal` where nothing does."""
    sites = [result["sites"][at] for at in row["fails"]]
    if not sites:
        return "normal"
    verb, module = sites[0]["step"].split()[:2]
    step = verb if len(result["modules"]) == 1 else f"{verb}-{module}"
    return f"{step}-" + "+".join(f"{called(site)}-{where(site_place(site))}" for site in sites)
