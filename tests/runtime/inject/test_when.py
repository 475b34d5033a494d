"""Against should_fail_ex() of Linux, told again as a model; and what Linux does not have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.inject.text import parse
from runtime.inject.when import Counter
from runtime.undo import Undo
from tests.runtime.inject.fake import ATOMIC, KERNEL, STACK, make, run

SIZES = st.lists(st.integers(0, 300), max_size=60)


@pytest.mark.parametrize(("text", "failed"), [
    ("nth=3", [3]), ("every=4", [4, 8, 12]), ("interval=4", [4, 8, 12]), ("from=10", [10, 11, 12]),
    ("from=6 every=3", [8, 11]), ("every=4 times=2", [4, 8]), ("times=2", [1, 2]), ("times=0", []),
    ("times=-1", [*range(1, 13)]),
    ("p=0%", []), ("probability=0", []), ("probability=100 interval=5", [5, 10]),
    ("space=350", [4, 5, 6, 7, 8, 9, 10, 11, 12]),
    ("space=100", [*range(1, 13)]), ("space=101", [*range(2, 13)]), ("unique", [1]), ("fail-nth=5", [5]),
    ("interval=0 times=1", [1]), ("interval=1 times=1", [1]), ("nth=13", []),
])  # fmt: skip
def test_of_twelve_allocations_of_100_bytes_these_fail(text: str, failed: list[int]) -> None:
    plan, _ = make(text)
    assert run(plan, 12) == failed


def linux(sizes: list[int], interval: int, times: int, space: int) -> list[bool]:
    """should_fail_ex() with a probability of 100 %, as its source says it."""
    count, results = 0, []
    for size in sizes:
        fails = False
        if times != 0:
            if space > size:
                space -= size
            else:
                if interval > 1:
                    count += 1
                fails = not (interval > 1 and count % interval)
        if fails and times > 0:
            times -= 1
        results.append(fails)
    return results


@given(SIZES, st.integers(0, 5), st.integers(-1, 5), st.integers(0, 2000))
def test_linuxs_attributes_act_as_in_linux(sizes: list[int], interval: int, times: int, space: int) -> None:
    plan, _ = make(f"failslab interval={interval} times={times} space={space}")
    assert [plan.fails("slab", size, KERNEL, STACK) for size in sizes] == linux(sizes, interval, times, space)


def test_the_probability_is_what_it_says_and_the_seed_decides() -> None:
    many = 20_000
    runs = {text: run(make(text)[0], many) for text in ("p=5%", "p=5% seed=0", "p=5% seed=1", "p=50%", "probability=5")}
    assert runs["p=5%"] == runs["p=5% seed=0"] == runs["probability=5"] != runs["p=5% seed=1"]
    assert 0.045 < len(runs["p=5%"]) / many < 0.055
    assert 0.48 < len(runs["p=50%"]) / many < 0.52
    assert run(make("p=100%")[0], 50) == [*range(1, 51)]


def test_a_call_stack_fails_once_with_unique() -> None:
    plan, witness = make("unique")
    stacks = [(1, 2), (1, 3), (1, 2), (4,), (1, 3), (4,)]
    assert [plan.fails("slab", 8, KERNEL, stack) for stack in stacks] == [True, True, False, True, False, False]
    witness.called = "kmem_cache_alloc"  # another function, called by the same one of the kernel's
    assert plan.fails("slab", 8, KERNEL, (4,))


def test_callers_are_required_and_rejected_by_address_as_deep_as_linux_looks() -> None:
    deep = tuple(range(0x1000, 0x1000 + 40))
    for text, fails in [
        ("require-start=0x1005 require-end=0x1006", True), ("require-start=0x1006 require-end=0x1006", False),
        ("require-start=0x1020 require-end=0x1021", False),  # 32 callers are looked at
        ("require-start=0x1005 require-end=0x1006 stacktrace-depth=5", False),
        ("require-start=0x1005 require-end=0x1006 stacktrace-depth=6", True),
        ("reject-start=0x1000 reject-end=0x1001", False), ("reject-start=0x1027 reject-end=0x1028", True),
        ("reject-start=0x1000 reject-end=0x1001 stacktrace-depth=0", True), ("require-start=0x1000", True),
    ]:  # fmt: skip
        assert make(text)[0].fails("slab", 8, KERNEL, deep) is fails, text


def test_callers_are_looked_at_when_the_interval_has_been_counted() -> None:
    plan, _ = make("interval=2 require-start=0x20 require-end=0x30")
    stacks = [(0x20,), (0x10,), (0x20,), (0x20,)]
    assert [plan.fails("slab", 8, KERNEL, stack) for stack in stacks] == [False, False, False, True]


def test_the_countdown_of_a_task_stands_still_in_an_interrupt() -> None:
    plan, witness = make("fail-nth=2")
    assert run(plan, 1) == []
    witness.interrupt = True
    assert run(plan, 5) == []
    witness.interrupt = False
    assert run(plan, 3) == [1]


def test_a_failure_is_logged_where_that_is_asked_for_and_the_caller_did_not_forbid_it() -> None:
    plan, witness = make("failslab verbose=2 interval=2 times=3 space=0")
    run(plan, 3)
    assert witness.logged == [
        ("FAULT_INJECTION: forcing a failure.\nname failslab, interval 2, probability 100, space 0, times 3", True)]
    plan, witness = make("slab verbose=1")
    plan.fails("slab", 8, KERNEL | witness.const["__GFP_NOWARN"], STACK)
    assert witness.logged == []
    plan.fails("slab", 8, ATOMIC, STACK)
    assert [trace for _, trace in witness.logged] == [False]
    plan, witness = make("nth=1")
    run(plan, 1)
    assert witness.logged == []


@given(SIZES, SIZES, st.sampled_from(
    ["p=40% seed=3", "unique", "every=3 times=4", "space=700 from=2", "nth=5", "from=4 p=70% unique"]))  # fmt: skip
def test_what_has_been_counted_is_taken_back_with_the_machine(before: list[int], after: list[int], text: str) -> None:
    undo = Undo(True)
    counter = Counter(parse(text).when, undo)

    def ask(size: int) -> bool:
        place = "", (size & 3,)
        due = counter.due(size, place)
        if due:
            counter.spent(place)
        return due

    for size in before:
        ask(size)
    mark = undo.mark()
    first = [ask(size) for size in after]
    undo.rewind(mark)
    assert [ask(size) for size in after] == first
