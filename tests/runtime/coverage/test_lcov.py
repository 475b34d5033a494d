"""The tracefile says what the coverage says, in the form that lcov and genhtml read."""

import re
from typing import Any

from runtime.coverage.lcov import lcov
from tests.runtime.coverage.conftest import run

FORMS = [
    r"TN:", r"SF:/.+", r"FN:\d+,\w+", r"FNDA:\d+,\w+", r"FNF:\d+", r"FNH:\d+", r"BRDA:\d+,\d+,\d+,(-|\d+)", r"BRF:\d+",
    r"BRH:\d+", r"DA:\d+,\d+", r"LF:\d+", r"LH:\d+", r"end_of_record",
]  # fmt: skip
COVERAGE = {
    "lines": {"/a/x.c": {"3": [1, 0], "5": [1, 1], "10": [0, 1], "11": [0, 0]}, "/a/y.c": {"1": [0, 0]}},
    "branches": {"/a/x.c": {"5": [[1, 1], [0, 0], [0, 0], [0, 0], [0, 1], [1, 0]]}},
    "functions": {"/a/x.c": {"start": [2, 1, 1], "never": [9, 0, 0]}},
    "missed": [],
}


def parsed(text: str) -> dict[str, dict[str, list[str]]]:
    """Records by file: tag -> what follows, in order."""
    files: dict[str, dict[str, list[str]]] = {}
    record: dict[str, list[str]] = {}
    for line in text.splitlines():
        assert any(re.fullmatch(form, line) for form in FORMS), line
        if line == "end_of_record":
            files[record["SF"][0]], record = record, {}
        else:
            tag, _, rest = line.partition(":")
            record.setdefault(tag, []).append(rest)
    assert not record, "the last record has an end"
    return files


def test_counts_are_the_phases_in_which_a_line_ran() -> None:
    record = parsed(lcov({"coverage": COVERAGE}))["/a/x.c"]
    assert record["DA"] == ["3,1", "5,2", "10,1", "11,0"] and record["LF"] == ["4"] and record["LH"] == ["3"]


def test_a_jump_is_a_block_with_two_branches() -> None:
    record = parsed(lcov({"coverage": COVERAGE}))["/a/x.c"]
    assert record["BRDA"] == ["5,0,0,2", "5,0,1,0", "5,1,0,-", "5,1,1,-", "5,2,0,1", "5,2,1,1"]
    assert record["BRF"] == ["6"] and record["BRH"] == ["3"]


def test_functions_have_a_line_and_a_count() -> None:
    record = parsed(lcov({"coverage": COVERAGE}))["/a/x.c"]
    assert record["FN"] == ["2,start", "9,never"] and record["FNDA"] == ["2,start", "0,never"]
    assert record["FNF"] == ["2"] and record["FNH"] == ["1"]


def test_each_file_is_a_record() -> None:
    files = parsed(lcov({"coverage": COVERAGE}))
    assert list(files) == ["/a/x.c", "/a/y.c"] and files["/a/y.c"]["LH"] == ["0"]


def test_a_result_without_coverage_has_no_tracefile() -> None:
    assert lcov({"coverage": None}) == ""


def test_the_tracefile_of_a_module_agrees_with_its_coverage(paths: bytes) -> None:
    coverage: dict[str, Any] = run(paths).coverage()
    files = parsed(lcov({"coverage": coverage}))
    assert set(files) == set(coverage["lines"])
    for file, record in files.items():
        lines = coverage["lines"][file]
        assert record["DA"] == [f"{line},{normal}" for line, (normal, _) in lines.items()]
        numbers = [int(row.partition(",")[0]) for row in record["DA"]]
        assert numbers == sorted(set(numbers))
        assert int(record["LH"][0]) == sum(hits[0] for hits in lines.values()) > 0
        assert int(record["BRF"][0]) == len(record.get("BRDA", []))
