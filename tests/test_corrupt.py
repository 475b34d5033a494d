"""Damaged modules give a message and an exit status: 2,000 mutants of two modules, none a traceback, none a hang."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from runtime import Machine
from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).parent))

from mutate import mutated  # noqa: E402

SOURCES = ("modules/lecture/slab_test.c", "modules/memory/slab_ctor.c")
MUTANTS, BATCH = 1000, 100
SECONDS = 5.0


@pytest.fixture(scope="module", params=SOURCES, ids=["slab_test", "slab_ctor"])
def module(
    request: pytest.FixtureRequest, build_ko: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """Without debug information, so that the damage hits what is loaded."""
    stripped = tmp_path_factory.mktemp("corrupt") / "module.ko"
    subprocess.run(["strip", "--strip-debug", "-o", stripped, build_ko(ROOT / request.param)], check=True)
    return stripped.read_bytes()


@pytest.mark.parametrize("first", range(0, MUTANTS, BATCH))
def test_a_damaged_module_is_refused_runs_or_is_killed(module: bytes, first: int) -> None:
    outcomes = set()
    for seed in range(first, first + BATCH):
        what, data = mutated(module, seed)
        start = perf_counter()
        try:
            with Machine() as machine:
                machine.rmmod(machine.insmod(data).name)
            outcomes.add("ran")
        except (InsmodError, Unsupported, Killed, KernelPanic) as problem:
            outcomes.add(type(problem).__name__)
            assert str(problem) or isinstance(problem, InsmodError), what
        assert perf_counter() - start < SECONDS, what
    assert len(outcomes) > 1, "the mutations do not bite"


@pytest.mark.parametrize("seed", range(12))
def test_the_command_line_says_what_is_wrong_in_a_line(module: bytes, seed: int, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.ko"
    damaged.write_bytes(mutated(module, seed)[1])
    command = [sys.executable, "-m", "cli", "run", str(damaged)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert done.returncode in (0, 1, 2, 3)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "kmodrun:" in done.stderr or "findings" in done.stderr
