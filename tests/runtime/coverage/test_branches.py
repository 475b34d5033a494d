"""Both ways of each conditional jump, and functions."""

from collections.abc import Callable

from tests.runtime.coverage.conftest import run

Make = Callable[[str], bytes]

CHOICES = """
static int low = 1, high = 1;
module_param(low, int, 0);
module_param(high, int, 0);

static noinline int check(int value)
{
	if (value > 10)
		pr_info("large\\n");
	return 0;
}

static inline int twice(int value) { return 2 * READ_ONCE(value); }

noinline int nobody(void) { return twice(low); }

static int __init start(void)
{
	int value;

	for (value = low; value < high; value++)
		check(value);
	return -EAGAIN - 0 * twice(high);
}

static void __exit stop(void) { }
"""
CHECK = str(CHOICES.splitlines().index("\tif (value > 10)") + 7)


def ways(make: Make, low: int, high: int) -> list[int]:
    """Which ways the comparison of check() has gone."""
    coverage = run(make(CHOICES), f"low={low} high={high}").coverage()
    ((_, branches),) = coverage["branches"].items()
    assert all(sweep == 0 for ways in branches.values() for _, sweep in ways)
    return sorted(normal for normal, _ in branches[CHECK])


def test_a_branch_that_goes_one_way_has_gone_one_way(make: Make) -> None:
    assert ways(make, 1, 3) == ways(make, 20, 30) == [0, 1]


def test_a_branch_that_goes_both_ways_has_gone_both_ways(make: Make) -> None:
    assert ways(make, 5, 15) == [1, 1]


def test_a_branch_that_is_never_reached_goes_nowhere(make: Make) -> None:
    assert ways(make, 5, 5) == [0, 0]


def test_functions_are_entered_or_not_and_know_their_line(make: Make) -> None:
    ((_, functions),) = run(make(CHOICES), "high=3").coverage()["functions"].items()
    lines = {name: CHOICES.splitlines().index(text) + 7 for name, text in {
        "check": "static noinline int check(int value)", "start": "static int __init start(void)",
        "nobody": "noinline int nobody(void) { return twice(low); }",
        "twice": "static inline int twice(int value) { return 2 * READ_ONCE(value); }",
        "stop": "static void __exit stop(void) { }",
    }.items()}  # fmt: skip
    ran = {"check": 1, "start": 1, "nobody": 0, "twice": 1, "stop": 0}
    assert functions == {name: [lines[name], ran[name], 0] for name in ran}


def test_a_function_that_is_not_called_is_missed_by_name(make: Make) -> None:
    missed = run(make(CHOICES), "high=3").coverage()["missed"]
    assert {entry["function"] for entry in missed if entry["why"] == "never called"} == {"nobody", "stop"}


def test_a_jump_to_a_cold_part_is_a_branch(make: Make) -> None:
    text = """
static int cold;
module_param(cold, int, 0);

static noinline __cold void complain(void) { pr_err("cold\\n"); }

static noinline int work(int value)
{
	if (unlikely(value == 3)) {
		complain();
		return -EIO;
	}
	return value;
}

static int __init start(void) { return work(cold) ? -EAGAIN : -EIO; }
static void __exit stop(void) { }
"""
    line = str(text.splitlines().index("\tif (unlikely(value == 3)) {") + 7)
    for value, expected in ((3, [0, 1]), (4, [0, 1])):
        ((_, branches),) = run(make(text), f"cold={value}").coverage()["branches"].items()
        assert sorted(way[0] for way in branches[line]) == expected


CALLS = """
static int rounds = 1, call = 1;
module_param(rounds, int, 0);
module_param(call, int, 0);
static noinline __attribute__((noipa)) void sub(int i) { }

static int __init start(void)
{
	int i;

	for (i = 0; i < rounds; i++)
		if (i % 3 < call) /* here */
			sub(i);
	if (WARN_ON(call == 7)) /* there */
		return -EIO;
	return -EAGAIN;
}

static void __exit stop(void) { }
"""


def ways_of(data: bytes, part: str, arguments: str, rewindable: bool = False) -> list[int]:
    at = next(str(n + 7) for n, text in enumerate(CALLS.splitlines()) if part in text)
    ((_, branches),) = run(data, arguments, rewindable=rewindable).coverage()["branches"].items()
    return sorted(normal for normal, _ in branches[at])


def test_a_call_that_returns_to_where_a_jump_leads_is_not_that_jump(make: Make) -> None:
    data = make(CALLS)
    for rounds in (1, 2, 50):
        assert ways_of(data, "/* here", f"rounds={rounds} call=3") == [0, 1], "it is always called"
        assert ways_of(data, "/* here", f"rounds={rounds} call=0") == [0, 1], "it is never called"
    assert ways_of(data, "/* here", "rounds=50 call=2", rewindable=True) == [1, 1]


def test_what_goes_on_after_a_warning_is_not_the_jump_over_it(make: Make) -> None:
    data = make(CALLS)
    assert ways_of(data, "/* there", "call=1")[-1] == 1 and sum(ways_of(data, "/* there", "call=1")) == 1
    assert sum(ways_of(data, "/* there", "call=7")) == 1
