import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import Usage
from tests.runtime.inject.fake import KERNEL, NOFAIL, STACK, make, run


def test_the_kernels_own_and_what_must_not_fail_are_no_fault_points() -> None:
    plan, _ = make("times=-1")
    assert not plan.fails("slab", 8, KERNEL, ())
    assert not plan.fails("page", 4096, KERNEL | NOFAIL, STACK)
    assert plan.refuses("misc_register", (-12,), ()) is None
    assert plan.points == 0
    assert plan.fails("slab", 8, KERNEL, STACK)
    assert plan.points == 1


def test_fault_points_are_counted_whether_they_failed_or_not() -> None:
    plan, witness = make("nth=2", "nth=4", "kmalloc every=3")
    witness.called = "misc_register"
    results = [plan.fails("slab", 8, KERNEL, STACK, "kmalloc-8") if turn % 2 else
               plan.refuses("misc_register", (-12, -16), STACK) for turn in range(1, 8)]  # fmt: skip
    assert results == [False, -12, False, -12, True, None, False]
    assert [failure.number for failure in plan.failures] == [2, 4, 5]
    assert plan.points == 7


def test_all_rules_count_a_fault_point_that_one_of_them_fails() -> None:
    plan, _ = make("nth=1", "kmalloc nth=2", "slab times=1")
    assert run(plan, 4) == [1, 2]
    assert [bound.counter.failed for bound in plan.bound] == [1, 1, 1]


def test_what_failed_is_remembered_with_all_that_is_known_of_it() -> None:
    plan, witness = make("nth=2")
    run(plan, 2)
    failure, = plan.failures
    assert failure == (2, "slab", "kmalloc", "kmalloc-128", 100, KERNEL, STACK, 0, 1)
    assert witness.last == (0, STACK)


def test_a_function_returns_its_usual_value_or_the_one_that_is_chosen() -> None:
    for text, value in [("misc_register", -12), ("misc_register error=EBUSY", -16), ("call", -12),
                        ("fail_function", -12),
                        ("call error=EBUSY", -16), ("call error=EPERM", None), ("slab", None)]:  # fmt: skip
        plan, witness = make(text)
        witness.called = "misc_register"
        assert plan.refuses("misc_register", (-12, -16), STACK) == value, text
        assert [failure[:6] for failure in plan.failures] == (
            [(1, "call", "misc_register", "", 0, 0)] if value is not None else [])


def test_a_value_may_be_null() -> None:
    plan, witness = make("kthread_create error=NULL")
    witness.called = "kthread_create"
    assert plan.refuses("kthread_create", (-12, 0), STACK) == 0


@pytest.mark.parametrize(("text", "told"), [
    ("kmaloc nth=1",
    "'kmaloc' is neither a kind (slab, kmalloc, page, vmalloc, percpu, cache, call) nor a kernel function"),
    ("register_netdev", "register_netdev() is not emulated"),
    ("misc_register error=EPERM", "error=EPERM: misc_register() can return ENOMEM, EBUSY"),
    ("kthread_create error=EPERM", "error=EPERM: kthread_create() can return ENOMEM, NULL"),
    ("kmem_cache_alloc error=ENOMEM", "it fails by its allocations only"),
])  # fmt: skip
def test_what_the_machine_does_not_have_is_named(text: str, told: str) -> None:
    with pytest.raises(Usage) as caught:
        make(text)
    assert str(caught.value).startswith(f"fault plan '{text}': ") and told in str(caught.value)


def test_a_rule_that_failed_nothing_says_how_much_it_meant() -> None:
    plan, _ = make("nth=9", "page", "nth=2", "kmalloc nth=7")
    run(plan, 4)
    assert plan.idle() == ["'nth=9' failed nothing: 4 of 4 fault points were meant",
                           "'page' failed nothing: 0 of 4 fault points were meant",
                           "'kmalloc nth=7' failed nothing: 4 of 4 fault points were meant"]  # fmt: skip


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)), st.sets(st.integers(1, 12), max_size=3))
def test_everything_is_taken_back_with_the_machine(before: list[int], after: list[int], nths: set[int]) -> None:
    plan, witness = make(*(f"nth={nth}" for nth in nths), "p=30%", "slab unique", rewindable=True)

    def ask(which: int) -> object:
        witness.called = "misc_register" if which == 3 else "kmalloc_trace"
        if which == 3:
            return plan.refuses("misc_register", (-12,), STACK)
        return plan.fails("slab", 8, KERNEL, (which + 1,), "kmalloc-8")

    for which in before:
        ask(which)
    mark, points, failures = witness.undo.mark(), plan.points, list(plan.failures)
    results = [ask(which) for which in after]
    idle = plan.idle()
    witness.undo.rewind(mark)
    assert (plan.points, list(plan.failures)) == (points, failures)
    assert ([ask(which) for which in after], plan.idle()) == (results, idle)
