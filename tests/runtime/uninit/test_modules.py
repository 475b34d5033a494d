"""No false alarms: the modules in modules/ that are not about bugs, each way in which they are built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.machine import Machine
from runtime.sweep.course import Course
from runtime.uninit import uninitialised
from tests.test_modules import BUNDLED
from toolchain import build
from toolchain.scenario import of_module

MODULES = Path(__file__).resolve().parents[3] / "modules"
ALL = sorted([*MODULES.glob("lecture/*.c"), *MODULES.glob("memory/*.c"), *MODULES.glob("probes/*.c")])
# They show what memory holds that nobody has initialised.
ON_PURPOSE = {"init_on_alloc", "slab_debug_flags", "vmalloc_variants"}


def findings(source: Path, make: Callable[[Path], Path]) -> list[str]:
    scenario = of_module(source)
    modules = {name: make(path).read_bytes() for name, path in scenario.modules.items()}
    steps = tuple((step.verb, step.subject, step.arguments, "") for step in scenario.steps
                  if step.verb in ("insmod", "rmmod"))  # fmt: skip
    found = uninitialised(lambda: Course(Machine(blocks=20_000_000), modules, steps))
    return [f"{finding['kind']}: {finding['message']}" for finding in found]


@pytest.mark.parametrize("source", ALL, ids=lambda path: path.stem)
def test_a_module_that_initialises_its_memory_gives_nothing(source: Path, build_ko: Callable[[Path], Path]) -> None:
    found = findings(source, build_ko)
    if source.stem in ON_PURPOSE:
        assert found and all("which nobody has initialised" in text for text in found)
    else:
        assert found == []


@pytest.mark.parametrize("source", [path for path in BUNDLED if path in ALL], ids=lambda path: path.stem)
def test_nor_does_its_stack_where_the_compiler_leaves_it_alone(source: Path) -> None:
    found = findings(source, lambda path: build(path, bundled=True))
    assert bool(found) == (source.stem in ON_PURPOSE)
