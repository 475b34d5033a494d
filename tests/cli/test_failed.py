"""kmodrun run --fail."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.failed import failure_line
from tests.cli.conftest import Done, need_headers
from toolchain import build

ALLOCATE = Path(__file__).parents[1] / "runtime/inject/allocate.c"


@pytest.fixture(scope="session")
def allocate_ko() -> Path:
    need_headers()
    return build(ALLOCATE)


@pytest.fixture
def allocate(kmodrun: Callable[..., Done], allocate_ko: Path) -> Callable[..., Done]:
    """Run one of the allocations of allocate.c."""
    return lambda which, *options: kmodrun("run", allocate_ko, "--param", f"which={which}", *options)


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(ALLOCATE.read_text().splitlines(), 1) if text in line)


def test_the_report_says_what_was_made_to_fail_and_where(allocate: Callable[..., Done]) -> None:
    done = allocate(1, "--fail", "kmalloc nth=1")
    assert "kmalloc(100, GFP_KERNEL): NULL" in done.stdout
    assert f"failed: kmalloc of 100 bytes at allocate.c:{line_of('case 1:')} (fault point 1)\n" in done.stderr
    assert (done.returncode, "findings: none" in done.stderr) == (0, True)


def test_several_plans_fail_each_their_own(allocate: Callable[..., Done]) -> None:
    done = allocate(14, "--fail", "nth=2", "--fail", "page", "--fail", "cache nth=4")
    assert "failed: kmem_cache_alloc_bulk of 64 bytes at" in done.stderr
    assert "kmodrun: --fail 'page' failed nothing: 0 of 2 fault points were meant\n" in done.stderr
    assert "kmodrun: --fail 'cache nth=4' failed nothing: 1 of 2 fault points were meant\n" in done.stderr


def test_a_call_that_failed_says_what_it_returned(allocate: Callable[..., Done]) -> None:
    done = allocate(84, "--fail", "call error=ETIME")
    assert "down_timeout: -62" in done.stdout
    assert "failed: down_timeout(), which returned ETIME, at allocate.c:" in done.stderr


def test_json_has_the_failures_with_a_number_that_finds_them_again(allocate: Callable[..., Done]) -> None:
    told = json.loads(allocate(26, "--json", "--fail", "nth=2").stdout)
    failure, = told["failures"]
    assert {key: failure[key] for key in failure if key not in ("at", "stack")} == {
        "number": 2, "kind": "slab", "function": "argv_split", "what": "kmalloc-32", "size": 32, "gfp": 0xCC0,
        "returned": "NULL"}  # fmt: skip
    assert [frame["symbol"] for frame in failure["at"]][-1] == "allocate_init"
    again = json.loads(allocate(26, "--json", "--fail", f"stack={failure['stack']} nth=2").stdout)
    assert again["failures"] == [failure]
    assert json.loads(allocate(26, "--json").stdout)["failures"] == []


@pytest.mark.parametrize("plan", ["kmalloc nht=3", "kmaloc nth=3", "nth=0", "", "gfp=GFP_WHAT",
"mutex_unlock error=EPERM"])
def test_a_plan_that_cannot_be_is_one_line_and_status_2(allocate: Callable[..., Done], plan: str) -> None:
    done = allocate(1, "--fail", plan)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"kmodrun: fault plan '{plan}': ")


def test_the_same_plan_and_seed_give_the_same_run_byte_for_byte(allocate: Callable[..., Done]) -> None:
    one, two = (allocate(45, "--fail", "p=50% seed=4", "--json").stdout for _ in range(2))
    assert one == two and json.loads(one)["failures"]


def test_a_cache_that_was_not_created_is_named() -> None:
    failure = {"number": 7, "kind": "cache", "function": "kmem_cache_create", "what": "foo", "size": 64,
               "at": [{"symbol": "foo_init", "offset": 18, "file": None, "line": 0}]}  # fmt: skip
    assert failure_line(failure) == "kmem_cache_create of foo at foo_init+0x12 (fault point 7)"
    assert failure_line({**failure, "kind": "percpu", "function": "alloc_percpu", "size": 1}) == (
        "alloc_percpu of 1 byte at foo_init+0x12 (fault point 7)")
