import pytest

from runtime.inject.kinds import BY_NAME, KINDS
from runtime.inject.where import stack_id
from tests.runtime.inject.fake import KERNEL, STACK, FakeWitness, make


def test_no_two_kinds_go_by_one_name() -> None:
    assert len(BY_NAME) == sum(1 + len(kind.aliases) for kind in KINDS)
    assert all(kind.sentence for kind in KINDS)


@pytest.mark.parametrize(("text", "kind", "cache", "fails"), [
    ("slab", "slab", "foo", True), ("slab", "slab", "kmalloc-8", True), ("slab", "page", "", False),
    ("kmalloc", "slab", "kmalloc-8", True), ("kmalloc", "slab", "", True), ("kmalloc", "slab", "foo", False),
    ("kmalloc", "slab", "dma-kmalloc-8", True), ("failslab", "slab", "foo", True), ("fail_page_alloc", "page",
    "", True),
    ("page slab", "slab", "foo", True), ("page percpu", "slab", "foo", False), ("page kmalloc", "slab", "foo", False),
    ("vmalloc", "vmalloc", "", True), ("alloc_percpu", "percpu", "", True), ("kmem_cache_create", "cache", "foo", True),
])  # fmt: skip
def test_a_kind_goes_by_its_names(text: str, kind: str, cache: str, fails: bool) -> None:
    plan, _ = make(text)
    assert plan.fails(kind, 4096, KERNEL, STACK, cache) is fails


def test_a_function_is_meant_by_its_name_as_it_is_exported_and_as_people_call_it() -> None:
    for text, called, fails in [("kmem_cache_alloc", "kmem_cache_alloc", True), ("kmem_cache_alloc",
                                "__kmalloc", False),
                                ("kmalloc_trace", "kmalloc_trace", True), ("page kmem_cache_alloc", "__kmalloc", False),
                                ("slab kmem_cache_alloc", "__kmalloc", True)]:  # fmt: skip
        plan, witness = make(text)
        witness.called = called
        assert plan.fails("slab", 8, KERNEL, STACK, "foo") is fails, (text, called)


def frame(symbol: str, file: str | None, line: int) -> dict:
    return {"symbol": symbol, "offset": 4, "module": "foo", "file": file, "line": line}


@pytest.mark.parametrize(("text", "fails"), [
    ("function=foo_init", True), ("function=helper", True), ("function=other", False), ("site=foo.c:42", True),
    ("site=foo.c:50", True), ("site=foo.c:43", False), ("site=src/foo.c:42", True), ("site=o.c:42", False),
    ("site=foo.c", True), ("site=bar.c", False), ("site=/home/me/src/foo.c:42", True),
])  # fmt: skip
def test_the_caller_is_meant_by_function_and_line_inlined_ones_too(text: str, fails: bool) -> None:
    plan, witness = make(text)
    witness.places[STACK[0]] = [frame("helper", "/home/me/src/foo.c", 42), frame("foo_init", "/home/me/src/foo.c", 50)]
    witness.places[STACK[1]] = [frame("other", "/home/me/src/bar.c", 42)]
    assert plan.fails("slab", 8, KERNEL, STACK) is fails


def test_without_dwarf_no_line_is_meant() -> None:
    plan, witness = make("site=foo.c:42", "function=foo_init")
    witness.places[STACK[0]] = [frame("foo_init", None, 0)]
    assert plan.fails("slab", 8, KERNEL, STACK)
    assert [bound.counter.failed for bound in plan.bound] == [0, 1]


def test_lines_are_looked_up_for_what_all_other_words_mean_only() -> None:
    plan, witness = make("page site=foo.c:42", "nth=3")
    for _ in range(5):
        plan.fails("slab", 8, KERNEL, STACK)
    assert witness.lookups == 0


def test_a_call_stack_has_a_number_by_its_names() -> None:
    plan, witness = make("slab")
    plan.fails("slab", 8, KERNEL, STACK)
    name = plan.stack_id(plan.failures[0])
    assert int(name, 16) == stack_id("kmalloc", STACK, witness) == stack_id("kmalloc", (0x10, 0x120), FakeWitness())
    assert len({stack_id("kmalloc", STACK[:1], witness), stack_id("kmalloc", STACK[1:], witness),
                stack_id("kmem_cache_alloc", STACK, witness), int(name, 16)}) == 4  # fmt: skip
    plan, witness = make(f"stack={name}")
    assert [plan.fails("slab", 8, KERNEL, stack) for stack in (STACK, STACK[:1])] == [True, False]
    witness.called = "kmem_cache_alloc"
    assert not plan.fails("slab", 8, KERNEL, STACK)
