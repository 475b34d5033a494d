"""Error paths that were never reached, in words."""

from collections.abc import Callable
from typing import Any

from tests.runtime.coverage.conftest import run

Make = Callable[[str], bytes]

PATHS = """
static int count = 1;
module_param(count, int, 0);
static struct kmem_cache *cache;
static int __percpu *counter;
static char *name, *room;

static struct kmem_cache *made(void)
{
	struct kmem_cache *c = kmem_cache_create("missed", 100, 0, 0, NULL);

	return c ?: ERR_PTR(-ENOMEM);
}

static int __init start(void)
{
	int err = -ENOMEM;

	name = kstrdup("name", GFP_KERNEL); /* 1 */
	if (!name)
		return -ENOMEM;
	room = kzalloc(count * 10 + 50, GFP_KERNEL); /* 2 */
	if (!room) {
		pr_err("no room\\n");
		goto free_name;
	}
	counter = alloc_percpu(int); /* 3 */
	if (!counter)
		goto free_room;
	cache = made();
	if (IS_ERR(cache)) {
		pr_err("no cache\\n");
		goto free_counter;
	}
	if (count == 77)
		pr_info("77\\n");
	return 0;

free_counter:
	free_percpu(counter);
free_room:
	kfree(room);
free_name:
	kfree(name);
	return err;
}

static void __exit stop(void)
{
	kmem_cache_destroy(cache);
	free_percpu(counter);
	kfree(room);
	kfree(name);
}
"""
LINES = {text: number + 6 for number, text in enumerate(PATHS.splitlines(), 1)}


def line(part: str) -> int:
    (found,) = (number for text, number in LINES.items() if part in text)
    return found


def reasons(missed: list[dict[str, Any]], at: int) -> str:
    """Why a line was missed."""
    (why,) = {entry["why"] for entry in missed if entry["line"] <= at <= entry["last"]}
    return why


def test_what_only_a_failure_leads_to_names_the_failure(make: Make) -> None:
    missed = run(make(PATHS)).coverage()["missed"]
    assert reasons(missed, line("no room")) == f"the failure of kzalloc at made.c:{line('/* 2 */')}"
    texts = " ".join(entry["why"] for entry in missed)
    assert f"the failure of kstrdup at made.c:{line('/* 1 */')}" in texts
    assert "percpu" in texts and f"made.c:{line('/* 3 */')}" in texts


def test_what_something_else_leads_to_names_no_failure(make: Make) -> None:
    missed = run(make(PATHS)).coverage()["missed"]
    assert reasons(missed, line('"77')) == "never reached"


def test_a_failure_that_happened_is_not_missed(make: Make) -> None:
    data = make(PATHS)
    before = " ".join(entry["why"] for entry in run(data).coverage()["missed"])
    after = " ".join(entry["why"] for entry in run(data, fail=f"site=made.c:{line('/* 3 */')}").coverage()["missed"])
    assert "percpu" in before and "percpu" not in after
    assert "kzalloc" in before and "kzalloc" in after


def test_what_is_missed_is_in_order_and_has_a_function(make: Make) -> None:
    missed = run(make(PATHS)).coverage()["missed"]
    assert missed == sorted(missed, key=lambda entry: (entry["file"], entry["line"], entry["why"]))
    assert {entry["function"] for entry in missed} <= {"start", "made"}
    assert all(set(entry) == {"file", "line", "last", "function", "why"} for entry in missed)


def test_nothing_is_missed_where_all_ran(make: Make) -> None:
    text = "static int __init start(void) { pr_info(\"all\\n\"); return 0; }\nstatic void __exit stop(void) { }\n"
    assert run(make(text)).coverage()["missed"] == []
