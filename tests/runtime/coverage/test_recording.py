"""What is recorded belongs to a module, wherever it was loaded, how often, and what came there later."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime import Machine
from runtime.coverage.measure import coverage
from runtime.errors import InsmodError, Killed, Usage
from tests.runtime.coverage.conftest import HERE, run

Make = Callable[[str], bytes]
PATHS = str(HERE / "paths.c")
MODULE = """
static int way;
module_param(way, int, 0);

static int __init start(void)
{
	if (way == 1)
		pr_info("%s\\n");
	if (way == 2)
		pr_info("%s\\n");
	return -EAGAIN;
}
static void __exit stop(void) { }
"""
FIRST, SECOND = MODULE % ("a", "b"), "\n\n" + MODULE % ("c", "d")


def line(text: str, part: str) -> str:
    return str(text.splitlines().index(f'\t\tpr_info("{part}\\n");') + 7)


def machine() -> Machine:
    return Machine(memory="32M", coverage=True)


def load(m: Machine, data: bytes, arguments: str = "") -> None:
    with pytest.raises(InsmodError):
        m.insmod(data, arguments)


def hits(found: dict[str, Any], number: str) -> list[int]:
    ((_, lines),) = found["lines"].items()
    return list(lines[number])


def test_two_loads_of_a_module_are_united(make: Make) -> None:
    m = machine()
    data = make(FIRST)
    load(m, data, "way=1")
    assert [hits(m.coverage(), line(FIRST, part)) for part in "ab"] == [[1, 0], [0, 0]]
    load(m, data, "way=2")
    assert [hits(m.coverage(), line(FIRST, part)) for part in "ab"] == [[1, 0], [1, 0]]


def test_phases_are_kept_apart(make: Make) -> None:
    m = machine()
    data = make(FIRST)
    load(m, data, "way=1")
    normal = m.recording.take()
    load(m, data, "way=2")
    found = m.coverage(normal, m.recording.take())
    assert [hits(found, line(FIRST, part)) for part in "ab"] == [[1, 0], [0, 1]]
    assert next(iter(next(iter(found["functions"].values())).values()))[1:] == [1, 1]


def test_another_file_of_the_same_name_at_the_same_place_is_another_module(make: Make) -> None:
    m = machine()
    load(m, make(FIRST), "way=1")
    load(m, make(SECOND), "way=2")
    assert list(m.recording.modules) == ["made", "made#2"]
    ((_, lines),) = m.coverage()["lines"].items()
    expected = {line(FIRST, "a"): 1, line(FIRST, "b"): 0, line(SECOND, "c"): 0, line(SECOND, "d"): 1}
    assert {number: lines[number][0] for number in expected} == expected


def test_where_a_module_lies_does_not_matter(make: Make, paths: bytes) -> None:
    alone = run(paths, "mode=5").recording.take()
    m = machine()
    load(m, make(FIRST), "way=1")
    m.insmod(paths, "mode=1")
    m.rmmod("paths")
    m.recording.take()
    load(m, paths, "mode=5")
    assert m.recording.take() == alone


def test_blocks_are_plain_data_that_need_no_machine(paths: bytes) -> None:
    m = run(paths, "mode=1")
    blocks = m.recording.look()
    assert coverage({"paths": paths}, blocks) == m.coverage()
    assert all(type(field) in (str, bool, int) for block in blocks for field in block)


def test_the_same_run_gives_the_same_coverage(paths: bytes) -> None:
    assert run(paths).coverage() == run(paths).coverage() == run(paths, rewindable=True).coverage()


def test_a_branch_that_was_taken_back_stays_recorded(paths: bytes) -> None:
    m = Machine(memory="32M", coverage=True, rewindable=True)
    mark = m.mark()
    for mode in (4, 1, 4):
        try:
            m.rmmod(m.insmod(paths, f"mode={mode}").name)
        except Killed:
            assert mode == 4
        m.rewind(mark)
    m.rmmod(m.insmod(paths, "mode=2").name)
    expected = {}
    for mode in (1, 2, 4):
        for number, row in run(paths, f"mode={mode}").coverage()["lines"][PATHS].items():
            expected[number] = [expected.get(number, [0])[0] | row[0], 0]
    assert m.coverage()["lines"][PATHS] == expected


def test_taking_back_at_every_trap_changes_nothing(paths: bytes) -> None:
    m = Machine(memory="32M", coverage=True, rewindable=True)
    marks: list[Any] = []

    def before() -> int:
        if marks:
            m.rewind(marks.pop())
        else:
            marks.append(m.mark())
        return m.loop.traps[0] + 2

    m.loop.watch(before)
    name = m.insmod(paths, "mode=3").name
    marks.clear()
    m.rmmod(name)
    assert m.coverage() == run(paths, "mode=3").coverage()


HANG = """
static int __init start(void)
{
	pr_info("before\\n");
	while (1)
		cpu_relax();
	return 0;
}
static void __exit stop(void) { }
"""


@pytest.mark.parametrize("blocks", [None, 100_000])
def test_a_hang_is_recorded_also_where_the_run_is_repeated_to_decide(make: Make, blocks: int | None) -> None:
    m = Machine(memory="32M", coverage=True, blocks=blocks)
    m._blocks = 100_000
    with pytest.raises(Killed):
        m.insmod(make(HANG))
    assert hits(m.coverage(), str(HANG.splitlines().index('\tpr_info("before\\n");') + 7)) == [1, 0]


def test_headers_are_left_out_unless_they_are_asked_for(paths: bytes) -> None:
    m = run(paths)
    whole = coverage(m.recording.modules, m.recording.look(), headers=True)
    assert {PATHS, str(HERE / "paths.h")} < set(whole["lines"])
    assert any(path.endswith("/list.h") for path in whole["lines"])
    assert not [path for path in whole["lines"] if path.endswith("/list.h") and path in m.coverage()["lines"]]
    assert {entry["file"] for entry in whole["missed"]} <= {PATHS, str(HERE / "paths.h")}


def test_a_machine_that_does_not_record_has_no_coverage() -> None:
    with pytest.raises(Usage, match="coverage=True"):
        Machine(memory="32M").coverage()
