"""The modules in modules/ under every check: the bugs that they have are found, at their lines, and nothing else is.

What is to be found is said in the modules (tests/expectations.py). modules/bugs has a module for each bug and its clean
twin; the others are clean but for what they do wrong on purpose.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runtime import Machine
from runtime.check.findings import KINDS
from runtime.errors import InsmodError, KernelPanic, Killed
from runtime.report.result import own_frame, when
from runtime.sweep import Spec, of_modules, sweep
from runtime.sweep.parallel import Front
from tests import expectations
from tests.corpus import MODULES, built
from tests.expectations import Expected
from toolchain import build
from toolchain.scenario import Scenario, of_module

ALL = sorted(MODULES.glob("*/*.c"))
BUGS = [path for path in ALL if path.parent.name == "bugs"]
FAULTY = [path for path in BUGS if not path.stem.endswith("_fixed")]
# What a loop may run that does not come to an end; the longest of a clean module is a third of that.
BLOCKS = 30_000_000
# They allocate until there is nothing left, or clear much memory: of each call stack one call fails, not every call.
LONG = {"alloc_failure_report", "gfp_context", "init_on_alloc", "kvmalloc_sizes", "vmalloc_variants"}

# What they need is not bundled: idr.h, array_size(), cpu_relax(); strcpy() that knows the size of its field.
NOT_BUNDLED = {"leak_idr", "arg_zero_size", "hang_flag", "oob_fortified"}
BUNDLED = [path for path in FAULTY if path.stem not in NOT_BUNDLED]


def swept(source: Path, mode: str) -> tuple[dict[str, Any], Scenario]:
    """The sweep of a module's scenario, in which every call fails once. mode: run, right, left."""
    scenario = of_module(source)
    modules = {name: built(path).read_bytes() for name, path in scenario.modules.items()}
    steps = tuple((step.verb, step.subject, step.arguments, step.expected if step.expected != "0" else "")
                  for step in scenario.steps if step.verb in ("insmod", "rmmod"))  # fmt: skip
    config = {"memory": "64M", "blocks": BLOCKS, "fences": mode if mode != "run" else ""}
    paths = {name: str(path) for name, path in scenario.modules.items()}
    spec = Spec(modules, paths, steps, config, every_event=source.stem not in LONG, uninit=mode == "right")
    return Front([spec]).run()[0], scenario


@pytest.mark.parametrize("mode", expectations.MODES)
@pytest.mark.parametrize("source", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_wrong_with_a_module_is_found_and_nothing_else(source: Path, mode: str) -> None:
    result, scenario = swept(source, mode)
    expected = expectations.of_modules(scenario.modules.values())
    usual = [result["findings"][index] for index in result["scenarios"][0]["findings"]]
    assert result["unsupported"] == []
    assert expectations.found(usual) == expectations.wanted(expected, mode)
    assert expectations.found(result["findings"]) == expectations.wanted(expected, mode, sweep=True)
    for each in expected:
        if each.failing and each.comes(mode):
            assert met(each, result, source), f"{each} is found where that fails"


def met(expected: Expected, result: dict[str, Any], source: Path) -> bool:
    """Does a finding of that kind and place follow a failure of the function that is named?"""
    lines = source.read_text().splitlines()
    places = [own_frame(finding["failed"]) for finding in result["findings"]
              if expectations.found([finding]) == {f"{expected.kind} {expected.where}"}]  # fmt: skip
    return any(place and expected.failing in lines[place["line"] - 1] for place in places)


@pytest.mark.parametrize("source", BUNDLED, ids=lambda path: path.stem)
def test_a_bug_is_found_in_a_module_built_with_the_bundled_headers(source: Path) -> None:
    with Machine("64M", blocks=BLOCKS) as machine:
        with suppress(Killed, KernelPanic, InsmodError):
            machine.rmmod(machine.insmod(build(source, bundled=True)).name)
        kinds = {finding.kind for finding in machine.findings}
    # Where a function begins is another line in such a build.
    assert kinds == {each.kind for each in expectations.of_source(source) if each.comes("run") and not each.failing}


@pytest.mark.parametrize("source", FAULTY, ids=lambda path: path.stem)
def test_a_bug_has_a_clean_twin(source: Path) -> None:
    assert expectations.of_source(source)
    assert not expectations.of_source(source.with_stem(f"{source.stem}_fixed"))


def test_every_kind_of_finding_has_a_bug() -> None:
    assert {each.kind for source in BUGS for each in expectations.of_source(source)} == KINDS


def test_no_twin_is_without_a_bug() -> None:
    fixed = {path.stem.removesuffix("_fixed") for path in BUGS if path.stem.endswith("_fixed")}
    assert fixed == {path.stem for path in FAULTY}


def test_a_module_with_seven_kinds_of_allocation_has_seven_sites_and_its_two_leaks_are_found() -> None:
    module = built(MODULES / "bugs" / "seven_sites.c").read_bytes()
    result = sweep(of_modules({"seven_sites": module}, {}, config={"memory": "64M", "fences": "right"}))
    assert [site["kind"] for site in result["sites"]] == ["slab", "cache", "slab", "vmalloc", "page", "percpu", "call"]
    assert len(result["scenarios"]) == 8
    leaks = [when(result, finding).split(" at ")[0] for finding in result["findings"] if finding["kind"] == "leak"]
    assert leaks == [" when alloc_pages", " when misc_register"] and len(result["findings"]) == 2
