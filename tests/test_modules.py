"""The modules in modules/, on the machine: each logs, line by line, what the real kernel logged (NAME.log)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine
from toolchain import build, normalise
from toolchain.scenario import Step, of_module

MODULES = Path(__file__).resolve().parents[1] / "modules"
ALL = sorted(MODULES.glob("*/*.c"))
# The memory and CPUs of the machine that the logs were made on.
MEMORY, CPUS = "1G", 2
# They need headers that are not bundled.
ONLY_KBUILD = {
    "arithmetic", "bitmap_hash", "frame_parser", "linked_items", "locks_and_delays", "memory_info",
    "notifiers_scatterlists", "page_tables_walk", "percpu_statistics", "ring_buffers", "struct_sizes", "text_options", "xarray_idr",
}  # fmt: skip


class Run:
    """One machine; the log of what is loaded and removed on it, as the .log files have it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.log: list[str] = []
        self._shown = 0

    def perform(self, step: Step, ko: Callable[[str], Path]) -> None:
        if step.verb == "insmod":
            self.machine.insmod(ko(step.subject), step.arguments)
        else:
            self.machine.rmmod(step.subject)
        lines = self.machine.kernel.log.dmesg(raw=True).decode("utf-8", "backslashreplace").split("\n")[:-1]
        self.log += [f"{step} rc=0", *normalise.log(lines[self._shown :], portable=True)]
        self._shown = len(lines)


def run(source: Path, make: Callable[[Path], Path]) -> tuple[list[str], list[str]]:
    """Do what a module's scenario says. Return: the log, and the findings' texts."""
    scenario = of_module(source)
    with Machine(MEMORY, CPUS) as machine:
        session = Run(machine)
        for step in scenario.steps:
            session.perform(step, lambda name: make(scenario.modules[name]))
        return session.log, [f"{finding.kind}: {finding.message}" for finding in machine.findings]


def check(source: Path, make: Callable[[Path], Path]) -> None:
    log, findings = run(source, make)
    expected = source.with_suffix(".log").read_text().splitlines()
    assert log == expected
    if not any("WARNING: " in line or "BUG " in line for line in expected):
        assert not findings, "the real kernel found nothing, and there is nothing to find"


@pytest.mark.parametrize("source", ALL, ids=lambda path: path.stem)
def test_a_module_logs_what_it_logged_in_the_real_kernel(source: Path, build_ko: Callable[[Path], Path]) -> None:
    check(source, build_ko)


@pytest.mark.parametrize("source", [path for path in ALL if path.stem not in ONLY_KBUILD], ids=lambda path: path.stem)
def test_a_module_built_with_the_bundled_headers_logs_the_same(source: Path) -> None:
    check(source, lambda path: build(path, bundled=True))


def test_every_module_has_the_log_of_the_real_kernel() -> None:
    assert [path for path in ALL if not path.with_suffix(".log").exists()] == []
