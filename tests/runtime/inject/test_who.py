import pytest

from runtime.errors import Usage
from runtime.inject.who import gfp_mask
from tests.runtime.inject.fake import ATOMIC, CONST, KERNEL, STACK, ZERO, make

PAGE = 4096


@pytest.mark.parametrize(("names", "matches", "others"), [
    ("GFP_KERNEL", ["GFP_KERNEL", "GFP_KERNEL|__GFP_ZERO", "GFP_USER", "GFP_KERNEL_ACCOUNT"], ["GFP_ATOMIC",
    "GFP_NOFS"]),
    ("GFP_ATOMIC", ["GFP_ATOMIC", "GFP_ATOMIC|__GFP_ZERO"], ["GFP_KERNEL", "GFP_NOWAIT"]),
    ("GFP_NOFS", ["GFP_NOFS"], ["GFP_KERNEL", "GFP_NOIO"]),
    ("GFP_NOWAIT", ["GFP_NOWAIT", "GFP_NOWAIT|__GFP_NOWARN"], ["GFP_KERNEL", "GFP_ATOMIC"]),
    ("__GFP_ZERO", ["GFP_KERNEL|__GFP_ZERO", "GFP_ATOMIC|__GFP_ZERO"], ["GFP_KERNEL"]),
    ("GFP_KERNEL|__GFP_ZERO", ["GFP_KERNEL|__GFP_ZERO"], ["GFP_KERNEL", "GFP_ATOMIC|__GFP_ZERO"]),
    ("GFP_DMA", ["GFP_DMA|GFP_KERNEL", "GFP_DMA|GFP_ATOMIC"], ["GFP_KERNEL"]),
    ("GFP_NOWAIT|__GFP_HIGH", ["GFP_NOWAIT|__GFP_HIGH"], ["GFP_NOWAIT", "GFP_ATOMIC"]),
])  # fmt: skip
def test_flags_are_meant_by_their_names(names: str, matches: list[str], others: list[str]) -> None:
    mask, value = gfp_mask(tuple(names.split("|")), CONST)

    def meant(text: str) -> bool:
        return sum(CONST[name] for name in text.split("|")) & mask == value

    assert all(map(meant, matches))
    assert not any(map(meant, others))


@pytest.mark.parametrize("name", ["GFP_FOO", "PAGE_SIZE", "__GFP_foo", "4"])
def test_flags_that_do_not_exist_are_named(name: str) -> None:
    with pytest.raises(Usage, match=f"'gfp={name}': gfp={name}: there is no {name}; possible are GFP_KERNEL"):
        make(f"gfp={name}")


@pytest.mark.parametrize(("text", "kind", "size", "gfp", "fails"), [
    ("size=100", "slab", 100, KERNEL, True), ("size=100", "slab", 101, KERNEL, False),
    ("size=64..128", "page", 64, KERNEL, False), ("size=64..128", "percpu", 64, KERNEL, True),
    ("size=64..128", "slab", 128, KERNEL, True), ("size=64..128", "slab", 129, KERNEL, False),
    ("size=..64", "slab", 0, KERNEL, True), ("size=65..", "slab", 64, KERNEL, False),
    ("order=0", "page", PAGE, KERNEL, True), ("order=0", "page", 2 * PAGE, KERNEL, False),
    ("order=1..2", "page", 4 * PAGE, KERNEL, True), ("order=0", "slab", PAGE, KERNEL, False),
    ("min-order=1", "page", PAGE, KERNEL, False), ("min-order=1", "page", 2 * PAGE, KERNEL, True),
    ("min-order=1", "slab", 8, KERNEL, True), ("min-order=0", "page", PAGE, KERNEL, True),
    ("ignore-gfp-wait=Y", "slab", 8, KERNEL, False), ("ignore-gfp-wait=Y", "slab", 8, ATOMIC, True),
    ("ignore-gfp-wait=N", "slab", 8, KERNEL, True), ("slab", "slab", 8, KERNEL, True),
    ("ignore-gfp-highmem=Y", "page", PAGE, KERNEL | CONST["__GFP_HIGHMEM"], False),
    ("ignore-gfp-highmem=Y", "page", PAGE, KERNEL, True), ("gfp=__GFP_ZERO", "slab", 8, KERNEL | ZERO, True),
])  # fmt: skip
def test_an_allocation_is_meant_by_its_size_and_flags(text: str, kind: str, size: int, gfp: int, fails: bool) -> None:
    if text == "size=64..128" and kind == "page":
        size = PAGE
    plan, _ = make(text)
    assert plan.fails(kind, size, gfp, STACK, "kmalloc-64" if kind == "slab" else "") is fails


def test_the_size_of_a_call_is_not_meant() -> None:
    plan, witness = make("size=1", "gfp=GFP_ATOMIC")
    witness.called = "misc_register"
    assert plan.refuses("misc_register", (-12,), STACK) is None


@pytest.mark.parametrize(("context", "atomic", "interrupt", "fails"), [
    ("atomic", True, False, True), ("atomic", False, False, False), ("irq", True, True, True),
    ("irq", True, False, False),
    ("process", False, False, True), ("process", True, False, True), ("process", True, True, False),
])  # fmt: skip
def test_the_context_is_that_of_the_allocation(context: str, atomic: bool, interrupt: bool, fails: bool) -> None:
    plan, witness = make(f"context={context}")
    witness.atomic, witness.interrupt = atomic, interrupt
    assert plan.fails("slab", 8, ATOMIC, STACK) is fails


def test_a_task_and_a_module_are_meant_by_their_names() -> None:
    for text, fails in [("task=rmmod", True), ("task=insmod", False), ("module=foo_bar", True),
                        ("module=foo-bar", True),
                        ("module=bar", False), ("task-filter=Y task=rmmod", True),
                        ("task-filter=Y", True)]:  # fmt: skip
        plan, witness = make(text)
        witness.comm, witness.modules[STACK[0]] = "rmmod", "foo_bar"
        assert plan.fails("slab", 8, KERNEL, STACK) is fails, text


def test_the_task_filter_leaves_interrupts_alone() -> None:
    plan, witness = make("task-filter=Y")
    witness.interrupt = True
    assert not plan.fails("slab", 8, ATOMIC, STACK)


@pytest.mark.parametrize(("text", "cache", "fails"), [
    ("cache=foo", "foo", True), ("cache=foo", "foobar", False), ("cache=kmalloc-*", "kmalloc-64", True),
    ("cache=foo", "", False), ("cache=mine", "merged", True), ("cache=foo cache-filter=Y", "foo", True),
    ("cache-filter=N", "foo", True),
])  # fmt: skip
def test_a_cache_is_meant_by_a_name_that_it_was_created_with(text: str, cache: str, fails: bool) -> None:
    plan, witness = make(text)
    witness.caches.add(("merged", "mine"))
    assert plan.fails("slab", 8, KERNEL, STACK, cache) is fails
