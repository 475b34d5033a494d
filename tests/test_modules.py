"""The modules in modules/, on the machine: each logs, line by line, what the real kernel logged (NAME.log)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.ourside import perform
from cli.sidebyside import lines
from toolchain import build
from toolchain.scenario import of_module

MODULES = Path(__file__).resolve().parents[1] / "modules"
ALL = sorted(MODULES.glob("*/*.c"))
# They need headers that are not bundled.
ONLY_KBUILD = {
    "arithmetic", "bitmap_hash", "checksums", "frame_parser", "linked_items", "locks_and_delays", "memory_info",
    "notifiers_scatterlists", "page_tables_walk", "percpu_statistics", "ring_buffers", "struct_sizes",
    "symbols_by_name", "text_options", "xarray_idr",
}  # fmt: skip
# The real kernel does not notice what they do wrong.
SILENT_BUGS = {"page_twice", "percpu_wrong", "locks_left"}
BUNDLED = [path for path in ALL if path.parent.name != "probes" and path.stem not in ONLY_KBUILD]


def check(source: Path, make: Callable[[Path], Path]) -> None:
    """Do what a module's scenario says, and hold the log against the file's."""
    scenario = of_module(source)
    built = scenario._replace(modules={name: make(path) for name, path in scenario.modules.items()})
    found: list[str] = []
    outcomes, lacking = perform(built, strict=False, examine=lambda machine: found.extend(map(str, machine.findings)))
    assert not lacking
    expected = source.with_suffix(".log").read_text().splitlines()
    assert [line for outcome in outcomes for line in lines(outcome, portable=True)] == expected
    if source.stem in SILENT_BUGS:
        assert found, "kmodrun tells more than the real kernel"
    elif not any(word in line for line in expected for word in ("Call Trace:", "BUG ")):
        assert not found, "the real kernel found nothing, and there is nothing to find"


@pytest.mark.parametrize("source", ALL, ids=lambda path: path.stem)
def test_a_module_logs_what_it_logged_in_the_real_kernel(source: Path, build_ko: Callable[[Path], Path]) -> None:
    check(source, build_ko)


@pytest.mark.parametrize("source", BUNDLED, ids=lambda path: path.stem)
def test_a_module_built_with_the_bundled_headers_logs_the_same(source: Path) -> None:
    check(source, lambda path: build(path, bundled=True))


def test_every_module_has_the_log_of_the_real_kernel() -> None:
    assert [path for path in ALL if not path.with_suffix(".log").exists()] == []
