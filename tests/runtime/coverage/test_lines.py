"""Lines that are said to have run have run, and the others have not: held against what the source says of itself."""

import re
from pathlib import Path

import pytest

from tests.runtime.coverage.conftest import HERE, run

MODES = range(6)


def truth(source: Path, mode: int) -> dict[str, list[int]]:
    """What the comments say: line -> hits."""
    expected = {}
    for number, line in enumerate(source.read_text().splitlines(), 1):
        if found := re.search(r"/\* (ran|not)(?:: ([\d ]+))? \*/", line):
            always, modes = found.groups()
            expected[str(number)] = [int(always == "ran" and (modes is None or str(mode) in modes.split())), 0]
    return expected


def file_of(files: dict[str, dict[str, list[int]]], name: str) -> dict[str, list[int]]:
    return next(lines for path, lines in files.items() if path.endswith(f"/{name}"))


@pytest.mark.parametrize("rewindable", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_lines_that_ran_are_those_that_the_source_says(paths: bytes, mode: int, rewindable: bool) -> None:
    coverage = run(paths, f"mode={mode}", rewindable=rewindable).coverage()
    for name in ("paths.c", "paths.h"):
        expected = truth(HERE / name, mode)
        found = file_of(coverage["lines"], name)
        assert {line: found.get(line) for line in expected} == expected


def test_the_files_are_the_modules_own(paths: bytes) -> None:
    coverage = run(paths).coverage()
    for kind in ("lines", "branches", "functions"):
        assert {Path(path) for path in coverage[kind]} <= {HERE / "paths.c", HERE / "paths.h"}
    assert list(coverage["lines"]) == [str(HERE / "paths.c"), str(HERE / "paths.h")]
