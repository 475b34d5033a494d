"""The modules in modules/, on the machine: each logs, line by line, what the real kernel logged (NAME.log)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.ourside import perform
from cli.sidebyside import lines
from runtime import Machine
from tests import expectations
from tests.corpus import MODULES, built
from tests.expectations import of_source
from toolchain import build
from toolchain.scenario import of_module

ALL = sorted(MODULES.glob("*/*.c"))
# They need headers that are not bundled.
ONLY_KBUILD = {
    "arithmetic", "bitmap_hash", "checksums", "frame_parser", "linked_items", "locks_and_delays", "memory_info",
    "notifiers_scatterlists", "page_tables_walk", "percpu_statistics", "ring_buffers", "struct_sizes",
    "symbols_by_name", "text_options", "xarray_idr",
}  # fmt: skip
# In the real kernel nothing is to be learnt of what does not come to an end, and of frames by the hundred.
NO_LOG = {"hang", "stack-overflow"}
WITH_HEADERS = ("lecture", "memory", "devices")
BUNDLED = [path for path in ALL if path.parent.name in WITH_HEADERS and path.stem not in ONLY_KBUILD]
LOGGED = [path for path in ALL if not any(each.kind in NO_LOG and not each.failing for each in of_source(path))]


def check(source: Path, make: Callable[[Path], Path]) -> None:
    """Do what a module's scenario says, and hold log and findings against what is expected."""
    scenario = of_module(source)
    ready = scenario._replace(modules={name: make(path) for name, path in scenario.modules.items()})
    found: set[str] = set()

    def examine(machine: Machine) -> None:
        found.update(expectations.found(finding.as_dict(machine.frames) for finding in machine.findings))

    outcomes, lacking = perform(ready, strict=False, examine=examine)
    assert not lacking
    expected = source.with_suffix(".log").read_text().splitlines()
    assert [line for outcome in outcomes for line in lines(outcome, portable=True)] == expected
    assert found == expectations.wanted(expectations.of_modules(scenario.modules.values()), "run")


@pytest.mark.parametrize("source", LOGGED, ids=lambda path: path.stem)
def test_a_module_logs_what_it_logged_in_the_real_kernel(source: Path) -> None:
    check(source, built)


@pytest.mark.parametrize("source", BUNDLED, ids=lambda path: path.stem)
def test_a_module_built_with_the_bundled_headers_logs_the_same(source: Path) -> None:
    check(source, lambda path: build(path, bundled=True))


def test_every_module_has_the_log_of_the_real_kernel() -> None:
    assert [path for path in LOGGED if not path.with_suffix(".log").exists()] == []
