"""kmodrun run --uninit: the modules run again with other contents of what nobody has defined."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import HERE, Done, need_headers
from toolchain import build

SOURCE = HERE.parent / "runtime" / "uninit" / "heap.c"


@pytest.fixture(scope="session")
def heap_ko() -> Path:
    need_headers()
    return build(SOURCE)


@pytest.fixture
def heap(kmodrun: Callable[..., Done], heap_ko: Path) -> Callable[..., Done]:
    """Run heap.ko: heap("branch", "--json")."""
    return lambda how, *options: kmodrun("run", heap_ko, "--uninit", "--param", f"how={how}", *options)


def line_of(how: str) -> int:
    lines = SOURCE.read_text().splitlines()
    return next(number for number, text in enumerate(lines, 1) if text.endswith(f"/* bad: {how} */"))


def test_a_use_is_status_1_and_is_shown_with_its_lines(heap: Callable[..., Done]) -> None:
    done = heap("branch")
    assert done.returncode == 1
    assert f"heap.c:{line_of('branch')}: uninitialized: a branch depends on bytes 4 to 7 of an object" in done.stderr
    assert "if (item->level)" in done.stderr and "allocated by make" in done.stderr


def test_the_log_is_debians(heap: Callable[..., Done], kmodrun: Callable[..., Done], heap_ko: Path) -> None:
    assert heap("value").stdout == kmodrun("run", heap_ko, "--param", "how=value").stdout


def test_without_the_option_nothing_is_looked_for(kmodrun: Callable[..., Done], heap_ko: Path) -> None:
    assert kmodrun("run", heap_ko, "--param", "how=branch").returncode == 0


def test_correct_code_is_status_0_and_it_is_said_that_the_stack_is_zeroed(heap: Callable[..., Done]) -> None:
    done = heap("fine_padding")
    assert done.returncode == 0 and "findings: none" in done.stderr
    assert "the compiler has zeroed all stack variables of heap" in done.stderr


def test_the_findings_are_in_the_json(heap: Callable[..., Done]) -> None:
    (finding,) = json.loads(heap("bytes", "--json").stdout)["findings"]
    assert finding["kind"] == "info-leak" and finding["module"] == "heap"
    assert finding["at"][0]["line"] == line_of("bytes")
    assert set(finding) >= {"message", "address", "size", "allocated", "freed", "failed"}


def test_what_exit_does_is_looked_at_unless_it_does_not_run(heap: Callable[..., Done]) -> None:
    assert heap("exit").returncode == 1
    assert heap("exit", "--keep").returncode == 0


def test_it_looks_at_the_run_that_a_plan_makes_fail(heap: Callable[..., Done]) -> None:
    done = heap("branch", "--fail", "kmalloc nth=1", "--json")
    assert json.loads(done.stdout)["findings"] == [], "the item was never allocated"
