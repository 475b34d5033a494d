"""The sweep: where something may fail, what comes of it, and that a branch leaves no trace in what comes next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime import Machine
from runtime.errors import InsmodError
from runtime.sweep import Spec, Sweep, of_modules, sweep
from runtime.sweep.course import Course
from runtime.sweep.spec import outcome
from tests.runtime.test_rewind import differences, state
from toolchain import build

HEAD = """
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
"""
TAIL = 'MODULE_LICENSE("GPL");\n'

ERROR_PATHS = HEAD + """
static char *first, *second;
static int __init start(void)
{
	first = kmalloc(100, GFP_KERNEL);
	if (!first)
		return -ENOMEM;
	second = vmalloc(8192);
	if (!second)
		return -ENOSPC;		/* first is lost */
	kfree(kmalloc(10, GFP_KERNEL));	/* nobody looks */
	return 0;
}
static void __exit stop(void)
{
	vfree(second);
	kfree(first);
}
module_init(start);
module_exit(stop);
""" + TAIL

AT_ONE_DEPTH = HEAD + """
static void *made[22];
static noinline void *get(void)
{
	void *object = kmalloc(32, GFP_KERNEL);

	barrier();
	return object;
}
static int __init start(void)
{
	int i;

	made[0] = get();
	made[1] = get();
	for (i = 2; i < 22; i++)
		made[i] = get();
	for (i = 0; i < 22; i++)
		kfree(made[i]);
	return 0;
}
module_init(start);
""" + TAIL

INSIDE = HEAD + """
static void *made[20];
static int count;
static int compare(const void *a, const void *b)
{
	if (count < 20)
		made[count++] = kmalloc(32, GFP_KERNEL);
	return *(int *)a - *(int *)b;
}
static int __init start(void)
{
	int numbers[] = { 3, 1, 2 };

	sort(numbers, 3, sizeof(int), compare, NULL);
	while (count)
		kfree(made[--count]);
	return numbers[0] == 1 && numbers[1] == 2 && numbers[2] == 3 ? 0 : -EINVAL;
}
static void __exit stop(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
}
module_init(start);
module_exit(stop);
""" + TAIL

TWICE = HEAD + """
/* kvmalloc() asks twice in one call of the module. */
static int __init start(void)
{
	void *p = kvmalloc(6000, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	kvfree(p);
	return 0;
}
module_init(start);
""" + TAIL

LOOP = HEAD + """
static int __init start(void)
{
	void *p[4] = {};
	int i, err = 0;

	for (i = 0; i < 4 && !err; i++) {
		p[i] = kmalloc(64, GFP_KERNEL);
		if (!p[i])
			err = -ENOMEM;
	}
	while (i--)
		kfree(p[i]);
	return err;
}
static void __exit stop(void) { }
module_init(start);
module_exit(stop);
""" + TAIL

NEVER = HEAD + """
static int __init start(void)
{
	void *p = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL);

	p = memset(p, 0, 64);
	kfree(p);
	return 0;
}
static void __exit stop(void) { }
module_init(start);
module_exit(stop);
""" + TAIL

OOPS = HEAD + """
static int __init start(void)
{
	int *p = kmalloc(64, GFP_KERNEL);

	*(volatile int *)p = 1;
	kfree(p);
	return 0;
}
static void __exit stop(void) { }
module_init(start);
module_exit(stop);
""" + TAIL


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], bytes]:
    """module(text): the .ko of a module that is called m."""
    def make(text: str) -> bytes:
        source = tmp_path / "m.c"
        source.write_text(text)
        return build(source, bundled=True).read_bytes()
    return make


def spec(data: bytes, **rest: Any) -> Spec:
    rest.setdefault("config", {"memory": "32M"})
    return of_modules({"m": data}, {}, **rest)


def told(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(scenario["verdict"], scenario["result"]) for scenario in result["scenarios"]]


def test_each_call_fails_once_and_its_error_path_is_judged(module: Callable[[str], bytes]) -> None:
    result = sweep(spec(module(ERROR_PATHS)))
    verdicts = [("clean", ""), ("handled", "insmod m: ENOMEM"), ("findings", "insmod m: ENOSPC"), ("ignored", "")]
    assert told(result) == verdicts
    leak, = result["findings"]
    assert leak["kind"] == "leak" and leak["size"] == 100 and leak["scenarios"] == [2]
    assert [site["function"] for site in result["sites"]] == ["kmalloc_trace", "vmalloc", "kmalloc_trace"]
    assert leak["failed"] == result["sites"][1]["at"]
    assert [step["result"] for step in result["scenarios"][2]["steps"]] == ["ENOSPC", "skipped"]
    assert [step["result"] for step in result["scenarios"][3]["steps"]] == ["ok", "ok"]


def test_a_scenario_replays_by_the_number_of_its_fault_point(module: Callable[[str], bytes]) -> None:
    data = module(ERROR_PATHS)
    result = sweep(spec(data, command="kmodrun run m.ko"))
    scenario = result["scenarios"][2]
    assert scenario["replay"] == "kmodrun run m.ko --fail nth=2" and scenario["nth"] == [2]
    with Machine(memory="32M", fail="nth=2") as machine, pytest.raises(InsmodError) as failed:
        machine.insmod(data)
    assert failed.value.strerror == "init of m returned -28"


def test_the_machine_is_the_same_after_all_branches(module: Callable[[str], bytes]) -> None:
    data = module(INSIDE)
    work = Sweep(spec(data))
    work.run()
    assert len(work.found.scenarios) == 1 + len(work.points) > 2
    work.machine.rewind(work._start)
    before = state(work.machine)
    work.repeat()
    work.machine.rewind(work._start)
    assert differences(before, state(work.machine)) == []


def test_calls_fail_inside_functions_that_the_kernel_calls(module: Callable[[str], bytes]) -> None:
    result = sweep(spec(module(INSIDE)))
    assert {verdict for verdict, _ in told(result)} == {"clean", "ignored"}
    inner = [site for site in result["sites"] if any(frame["symbol"] == "compare" for frame in site["at"])]
    assert inner and {site["step"] for site in result["sites"]} == {"insmod m", "rmmod m"}


def test_two_fault_points_of_one_call_fail_alone_and_together(module: Callable[[str], bytes]) -> None:
    data = module(TWICE)
    single, pairs = sweep(spec(data)), sweep(spec(data, depth=2))
    assert told(single) == [("clean", ""), ("ignored", "")], "the second is asked only where the first has failed"
    assert [scenario["nth"] for scenario in pairs["scenarios"]] == [[], [1], [1, 2]]
    assert told(pairs)[2] == ("handled", "insmod m: ENOMEM")
    assert pairs == sweep(spec(data, depth=2, fork=True))


def test_one_failure_for_each_call_stack_or_each_event(module: Callable[[str], bytes]) -> None:
    data = module(LOOP)
    once, every = sweep(spec(data)), sweep(spec(data, every_event=True))
    assert len(once["scenarios"]) == 2 and once["sites"][0]["hits"] == 4
    assert [scenario["nth"] for scenario in every["scenarios"]] == [[], [1], [2], [3], [4]]
    assert every["findings"] == [] and len(every["sites"]) == 1
    deep = sweep(spec(data, every_event=True, depth=2))
    assert len(deep["scenarios"]) == 5, "an error path that allocates nothing has nothing more to fail"


def test_what_must_not_fail_never_does(module: Callable[[str], bytes]) -> None:
    assert told(sweep(spec(module(NEVER)))) == [("clean", "")]


def test_a_branch_that_oopses_has_no_leaks(module: Callable[[str], bytes]) -> None:
    result = sweep(spec(module(OOPS)))
    finding, = result["findings"]
    assert finding["kind"] == "null-deref" and "kmalloc" in finding["message"]
    assert result["scenarios"][1]["steps"][0]["result"].startswith("killed: ")
    assert result["scenarios"][1]["steps"][1]["result"] == "skipped"


def test_each_call_stack_is_marked_and_a_loop_is_not_marked_each_time(module: Callable[[str], bytes]) -> None:
    work = Sweep(spec(module(AT_ONE_DEPTH)))
    work.run()
    assert len(work.points) == 3 and all(point.trap in work.marks for point in work.points)
    assert len(work.marks) <= len(work.points) + 1


def test_marks_are_only_a_guess(module: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    data = module(ERROR_PATHS)
    marked = sweep(spec(data, depth=2))
    monkeypatch.setattr("runtime.sweep.marker._MOST", 0)
    assert sweep(spec(data, depth=2)) == marked
    monkeypatch.setattr("runtime.sweep.marker._MOST", 1)
    assert sweep(spec(data, depth=2)) == marked


def test_parts_make_the_whole(module: Callable[[str], bytes]) -> None:
    whole = Sweep(spec(module(INSIDE), depth=2))
    whole.run()
    merged = None
    for part in (2, 0, 1):
        work = Sweep(whole.spec, part, 3)
        work.run()
        merged = work.found if merged is None else (merged.add(work.found), merged)[1]
    assert merged is not None
    assert (merged.sites, merged.scenarios, merged.findings, merged.log) == (
        whole.found.sites, whole.found.scenarios, whole.found.findings, whole.found.log)


def test_progress_counts_what_is_done_and_known(module: Callable[[str], bytes]) -> None:
    seen: list[tuple[int, int, int]] = []
    sweep(spec(module(ERROR_PATHS)), lambda *row: seen.append(row))
    assert seen[-1] == (4, 4, 1) and [row[0] for row in seen] == [1, 2, 3, 4]


def test_a_scenario_says_what_it_expects(module: Callable[[str], bytes]) -> None:
    data = module(ERROR_PATHS)
    steps = (("insmod", "m", "", ""), ("insmod", "m", "", "EEXIST"), ("rmmod", "m", "", ""), ("rmmod", "m", "", ""))
    with Machine(memory="32M", rewindable=True) as machine:
        course = Course(machine, {"m": data}, steps)
        course.run()
        assert list(course.results) == ["ok", "EEXIST", "ok", "skipped"] and outcome(course.steps, course.results) == ""
