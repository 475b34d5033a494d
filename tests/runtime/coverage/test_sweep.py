"""What a sweep reaches beyond the normal run."""

from typing import Any

import pytest

from runtime.sweep import of_modules, run_part
from runtime.sweep.besides import coverage_of
from tests.runtime.coverage.conftest import HERE


def swept(paths: bytes, **options: Any) -> dict[str, Any]:
    spec = of_modules({"paths": paths}, {}, config={"memory": "32M"}, coverage=True, **options)
    found = coverage_of(spec, run_part(spec))
    assert found is not None
    return found


def line(text: str) -> str:
    return next(str(n) for n, row in enumerate((HERE / "paths.c").read_text().splitlines(), 1) if text in row)


def test_error_paths_run_in_the_sweep_only(paths: bytes) -> None:
    coverage = swept(paths)
    lines = coverage["lines"][str(HERE / "paths.c")]
    for text in ('pr_err("no memory', "return -ENOMEM; /* not */"):
        assert lines[line(text)] == [0, 1], text
    assert lines[line("item->number = ")] == [1, 1] and lines[line('panic("mode 99")')] == [0, 0]


def test_the_failures_that_happened_are_not_missed(paths: bytes) -> None:
    coverage = swept(paths)
    assert not [entry for entry in coverage["missed"] if "failure" in entry["why"]]
    ways = coverage["branches"][str(HERE / "paths.c")][line("if (!item)")]
    assert sorted(ways) == [[0, 1], [1, 1]]


@pytest.mark.parametrize("options", [{"fork": True}, {"every_event": True}, {"every_event": True, "fork": True}])
def test_how_the_branches_are_run_does_not_matter(paths: bytes, options: dict[str, bool]) -> None:
    assert swept(paths, **options) == swept(paths)
