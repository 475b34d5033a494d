"""Every kernel function that allocates: where it asks the plan, how often, and what the module gets when it fails.

What it gets is what Linux 6.1 returns there; each row was read against its source.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine
from runtime.inject.plan import Plan

SOURCE = Path(__file__).with_name("allocate.c")
NULL, GIVEN = "NULL", "given"

# which: (what it gives, kind and function of each fault point, what it gives when that one fails)
CACHE = ("cache", "kmem_cache_create", NULL)
ALLOCATING = {
    1: (GIVEN, [("slab", "kmalloc", NULL)]),
    2: (GIVEN, [("slab", "kmalloc", NULL)]),  # kzalloc
    3: (GIVEN, [("slab", "kmalloc", NULL)]),  # kmalloc_large
    4: (GIVEN, [("slab", "kmalloc", NULL)]),  # kmalloc_array
    5: (GIVEN, [("slab", "kmalloc", NULL)]),  # kcalloc
    6: (GIVEN, [("slab", "kmalloc_node", NULL)]),
    7: (GIVEN, []),  # kmalloc(0)
    8: (GIVEN, []),  # __GFP_NOFAIL
    9: (GIVEN, []),  # krealloc() that stays in place
    10: (GIVEN, [CACHE]),
    11: (GIVEN, [CACHE, ("slab", "kmem_cache_alloc", NULL)]),
    12: (GIVEN, [CACHE, ("slab", "kmem_cache_alloc", NULL)]),  # with a constructor
    13: (GIVEN, [CACHE, ("slab", "kmem_cache_alloc", NULL)]),  # kmem_cache_zalloc
    14: ("3", [CACHE] + [("slab", "kmem_cache_alloc_bulk", "0")] * 3),
    15: ("3", [CACHE] + [("slab", "kmem_cache_alloc_bulk", "0")] * 3),  # with a constructor
    16: (GIVEN, [CACHE] + [("slab", "mempool_create", NULL)] * 2 + [("slab", "mempool_alloc_slab", NULL)] * 2),
    20: (GIVEN, [("slab", "kstrdup", NULL)]),
    21: (GIVEN, [("slab", "kstrndup", NULL)]),
    22: (GIVEN, [("slab", "kmemdup", NULL)]),
    23: (GIVEN, [("slab", "kmemdup_nul", NULL)]),
    24: (GIVEN, [("slab", "kasprintf", NULL)]),
    25: (GIVEN, [("slab", "kstrdup_quotable", NULL)]),
    26: (GIVEN, [("slab", "argv_split", NULL)] * 2),
    27: (GIVEN, [("slab", "match_strdup", NULL)]),
    28: ("0", [("slab", "match_int", "-12")]),
    29: (GIVEN, [("slab", "kstrdup_const", NULL)]),
    40: (GIVEN, [("page", "alloc_pages", NULL)]),
    41: (GIVEN, [("page", "alloc_pages", NULL)]),
    42: (GIVEN, [("page", "__get_free_pages", NULL)]),
    43: (GIVEN, [("page", "get_zeroed_page", NULL)]),
    44: (GIVEN, [("page", "alloc_pages_exact", NULL)]),
    45: ("3", [("page", "alloc_pages_bulk", str(got)) for got in range(3)]),  # it gives what it had so far
    46: (GIVEN, [("page", "folio_alloc", NULL)]),
    47: (GIVEN, [("vmalloc", "vmap", NULL)]),
    50: (GIVEN, [("vmalloc", "vmalloc", NULL)]),
    51: (GIVEN, [("vmalloc", "vzalloc", NULL)]),
    52: (GIVEN, [("vmalloc", "vmalloc_user", NULL)]),
    53: (GIVEN, [("vmalloc", "__vmalloc", NULL)]),
    54: (GIVEN, [("slab", "kvmalloc", NULL)]),
    55: (GIVEN, [("slab", "kvmalloc", GIVEN)]),  # by vmalloc(), which is the next fault point then
    56: (GIVEN, [("vmalloc", "vmalloc_array", NULL)]),
    57: (GIVEN, [("percpu", "alloc_percpu", NULL)]),
    58: ("0", [("percpu", "percpu_counter_init", "-12")]),
    60: ("1200", [("slab", "ida_alloc", "1200")] * 2),  # a bitmap and a node: each is tried again, with other flags
    61: ("0", [("slab", "idr_alloc", "-12")]),
    62: ("0", [("slab", "xa_store", "0")]),  # without waiting; then again, with the flags of the caller
    63: ("0", [("slab", "__xa_insert", "0")]),
    64: ("0", [("slab", "kfifo_alloc", "-12")]),
    65: ("0", [("slab", "sg_alloc_table", "-12")]),
    66: (GIVEN, [("slab", "bitmap_alloc", NULL)]),
    67: (GIVEN, [("slab", "bitmap_zalloc", NULL)]),
    68: ("1", [("slab", "alloc_cpumask_var_node", "0")]),
    69: ("0", [("page", "sg_alloc_table", "-12")] * 2 + [("slab", "sg_alloc_table", "-12")]),
    70: (GIVEN, [("slab", "mempool_create", NULL)] * 2 + [("slab", "mempool_kmalloc", NULL)] * 2),
    80: ("0", [("call", "mutex_lock_interruptible", "-4")]),
    81: ("0", [("call", "mutex_lock_killable", "-4")]),
    82: ("0", [("call", "down_interruptible", "-4")]),
    83: ("0", [("call", "down_killable", "-4")]),
    84: ("0", [("call", "down_timeout", "-62")]),
    85: ("0", [("call", "down_read_interruptible", "-4")]),
    86: ("0", [("call", "down_write_killable", "-4")]),
    87: ("0", []),  # mutex_trylock(): it fails where somebody holds the mutex, and nobody does
    88: (NULL, [("call", "symbol_get", NULL)]),
}
TWICE = {55: NULL, 60: "-12", 62: "-12", 63: "-12"}  # what it gives when its first two fault points fail


@pytest.fixture(scope="module")
def allocate(build_ko: Callable[[Path], Path]) -> Callable[..., tuple[str, Plan, list[str]]]:
    """Run one: what it gave, its plan, and what else was logged."""
    ko = build_ko(SOURCE)

    def run(which: int, *plans: str) -> tuple[str, Plan, list[str]]:
        with Machine(fail=plans) as machine:
            machine.insmod(ko, which=which)
            machine.rmmod("allocate")
            *rest, last = [record.text for record in machine.dmesg()][2:]
            assert not machine.findings
            assert machine.plan is not None
            return last.rpartition(": ")[2], machine.plan, rest

    return run


@pytest.mark.parametrize("which", ALLOCATING)
def test_it_asks_the_plan_once_for_each_allocation_and_fails_as_in_linux(allocate: Callable, which: int) -> None:
    normal, points = ALLOCATING[which]
    gave, plan, rest = allocate(which, "nth=1000")
    assert (gave, plan.points, rest) == (normal, len(points), [])
    for number, (kind, function, failed) in enumerate(points, 1):
        gave, plan, rest = allocate(which, f"nth={number}")
        failure, = plan.failures
        assert (gave, failure.number, failure.kind, failure.function) == (failed, number, kind, function)
        assert failure.stack, "a fault point is a call of the module's"


@pytest.mark.parametrize("which", TWICE)
def test_what_is_tried_again_fails_the_second_time(allocate: Callable, which: int) -> None:
    gave, plan, _ = allocate(which, "nth=1", "nth=2")
    assert (gave, len(plan.failures)) == (TWICE[which], 2)


def test_a_failure_logs_nothing_but_what_the_kernel_says_of_it(allocate: Callable) -> None:
    """kmem_cache_create() complains whenever it fails; nothing else does."""
    for which, (_, points) in ALLOCATING.items():
        if points:
            _, plan, rest = allocate(which, f"nth={len(points)}")
            said = rest[:1]
            assert said == (["kmem_cache_create_usercopy(allocate) failed with error -12"]
                            if plan.failures[0].kind == "cache" else []), which  # fmt: skip


def test_a_call_is_meant_by_the_name_that_was_called(allocate: Callable) -> None:
    for which, plan, gave in [(81, "mutex_lock_killable", "-4"), (81, "mutex_lock_interruptible", "0"),
                              (80, "mutex_lock_killable", "0"), (80, "call", "-4"), (88, "symbol_get", NULL),
                              (54, "kvmalloc", NULL), (54, "kvmalloc_node", NULL), (45, "alloc_pages_bulk nth=2", "1"),
                              (16, "mempool_alloc_slab nth=2", NULL), (15, "kmem_cache_alloc_bulk nth=3", "0"),
                              (1, "kmalloc size=100", NULL), (1, "kmalloc size=101..", GIVEN),
                              (2, "gfp=GFP_ATOMIC", NULL), (1, "gfp=GFP_ATOMIC", GIVEN), (41, "page order=2", NULL),
                              (41, "fail_page_alloc min-order=3", GIVEN), (11, "cache=allocate size=64 slab", NULL),
                              (1, "failslab ignore-gfp-wait=Y", GIVEN), (2, "failslab ignore-gfp-wait=Y", NULL),
                              (20, "task=insmod module=allocate context=process function=strings", NULL),
                              (20, "site=allocate.c function=strings", NULL), (20, "site=allocate.c:1", GIVEN),
                              (20, "task=rmmod", GIVEN), (20, "module=other", GIVEN), (20, "context=irq", GIVEN),
                              (20, "context=atomic", GIVEN), (20, "function=whole_pages", GIVEN)]:  # fmt: skip
        assert allocate(which, plan)[0] == gave, (which, plan)


def test_a_call_stack_is_meant_by_its_number(allocate: Callable) -> None:
    _, plan, _ = allocate(16, "nth=4")
    name = plan.stack_id(plan.failures[0])
    _, again, _ = allocate(16, f"stack={name}")
    assert [failure.number for failure in again.failures] == [4]  # not those of mempool_create() at the same line


def test_a_line_of_the_source_is_meant(allocate: Callable) -> None:
    line = 1 + SOURCE.read_text().splitlines().index(
        next(line for line in SOURCE.read_text().splitlines() if "case 24:" in line))  # fmt: skip
    gave, plan, _ = allocate(24, f"site=allocate.c:{line}")
    assert (gave, len(plan.failures)) == (NULL, 1)
    assert allocate(24, f"site=inject/allocate.c:{line}")[0] == NULL
    assert allocate(24, f"site=allocate.c:{line + 1}")[0] == GIVEN
