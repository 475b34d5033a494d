"""What a module leaves behind is lost, unless somebody else can still reach it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import pytest

from runtime import Machine
from runtime.abi import load
from runtime.check.leaks import report_left
from runtime.errors import InsmodError

Make = Callable[[str, str], Path]

HEAD = """
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
static int fail;
module_param(fail, int, 0);
"""
TAIL = """
static int __init start(void) { give(); return fail; }
static void __exit stop(void) { take(); }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""
# What is allocated, how it is given back, and how the books know it.
KINDS = {
    "slab": ("void *p; p = kmalloc(100, GFP_KERNEL)", "kfree(p)", "100 bytes from a slab: still allocated"),
    "large": ("void *p; p = kmalloc(20000, GFP_KERNEL)", "kfree(p)", "20000 bytes from a slab: still allocated"),
    "page": ("struct page *p; p = alloc_pages(GFP_KERNEL, 1)", "__free_pages(p, 1)", "8192 bytes of pages: still all"),
    "vmalloc": ("void *p; p = vmalloc(5000)", "vfree(p)", "5000 bytes from vmalloc: still allocated"),
    "percpu": ("int __percpu *p; p = alloc_percpu(int)", "free_percpu(p)", "4 bytes for each CPU: still allocated"),
    "cache": (
        'struct kmem_cache *p; p = kmem_cache_create("leaks_own", 99, 0, SLAB_POISON, NULL)', "kmem_cache_destroy(p)",
        "a slab cache for objects of 99 bytes: still there",
    ),
    "merged": (
        'struct kmem_cache *p; p = kmem_cache_create("leaks_merged", 64, 0, 0, NULL)', "kmem_cache_destroy(p)",
        "a slab cache for objects of 64 bytes: still there",
    ),
}  # fmt: skip


def source(declaration: str, allocate: str, free: str) -> str:
    functions = f"static void give(void) {{ {allocate}; }}\nstatic void take(void) {{ {free}; }}"
    return f"{HEAD}static {declaration};\n{functions}{TAIL}"


def run(module: Path, arguments: str = "", **config: object) -> list[str]:
    """Load and remove it. Return: the findings' messages."""
    with Machine(**config) as machine:  # type: ignore[arg-type]
        with suppress(InsmodError):
            machine.insmod(module, arguments)
            machine.rmmod(module.stem)
        assert {finding.kind for finding in machine.findings} <= {"leak"}
        return [finding.message for finding in machine.findings]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_memory_is_missed_after_exit_and_after_a_failed_init(kind: str, make: Make) -> None:
    code, free, message = KINDS[kind]
    declaration, allocate = code.split("; ", 1)
    module = make("lost", source(declaration, allocate, ""))
    assert [line.startswith(message) for line in run(module)] == [True]
    assert run(module)[0].endswith(" after lost has gone")
    assert [line.partition(" after ")[2] for line in run(module, "fail=-12")] == ["init of lost failed with -ENOMEM"]
    assert run(make("kept", source(declaration, allocate, free))) == []


def test_a_page_that_somebody_still_holds_is_lost(make: Make) -> None:
    text = source("struct page *p", "p = alloc_page(GFP_KERNEL); get_page(p)", "__free_page(p)")
    assert run(make("held", text)) == ["4096 bytes of pages: still allocated after held has gone"]


def test_an_unknown_error_is_told_by_its_number(make: Make) -> None:
    text = source("void *p", "p = kmalloc(8, GFP_KERNEL)", "")
    assert run(make("odd", text), "fail=-517")[0].endswith("after init of odd failed with -517")


def test_objects_from_one_call_are_one_finding_whatever_their_number(make: Make) -> None:
    loop = "for (i = 0; i < count; i++) p = kmalloc(10 + i, GFP_KERNEL)"
    text = source("int i, count; module_param(count, int, 0); static void *p", loop, "")
    module = make("many", text)
    causes, said = set(), ""
    for count in (1, 2, 5):
        with Machine() as machine:
            machine.insmod(module, count=count)
            machine.rmmod("many")
            assert len(machine.findings) == 1
            causes.add(machine.findings[0].cause)
            said = machine.findings[0].message
    assert said.startswith("5 times 10 to 14 bytes")
    assert len(causes) == 1


def test_the_next_module_does_not_answer_for_what_the_last_one_lost(make: Make) -> None:
    leaky = make("leaky", source("void *p", "p = kmalloc(100, GFP_KERNEL)", ""))
    clean = make("clean", source("void *p", "p = kmalloc(100, GFP_KERNEL)", "kfree(p)"))
    with Machine() as machine:
        for module in (leaky, clean):
            machine.insmod(module)
            machine.rmmod(module.stem)
        assert [finding.module for finding in machine.findings] == ["leaky"]


# One module keeps what the other gives it.
KEEPER = """
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
void *keeper_slot;
static DEFINE_PER_CPU(void *, keeper_cpu);
static struct box { long number; void *inside; } *box;
EXPORT_SYMBOL(keeper_slot);
void keeper_keep(void *p, int how)
{
	if (how == 0)
		keeper_slot = p;
	else if (how == 1)
		per_cpu(keeper_cpu, 1) = p;
	else
		box->inside = p;
}
EXPORT_SYMBOL(keeper_keep);
void *keeper_make(void) { return kmalloc(40, GFP_KERNEL); }
EXPORT_SYMBOL(keeper_make);
static int __init start(void)
{
	box = kzalloc(sizeof(*box), GFP_KERNEL);
	return box ? 0 : -ENOMEM;
}
static void __exit stop(void) { kfree(box); }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""
GIVEN = {
    "the start": "p = kmalloc(100, GFP_KERNEL); keep(p)",
    "the middle": "p = kmalloc(100, GFP_KERNEL); keep((char *)p + 50)",
    "a large object": "p = kmalloc(20000, GFP_KERNEL); keep((char *)p + 10000)",
    "through another": "p = kzalloc(100, GFP_KERNEL); ((void **)p)[3] = vmalloc(9000); keep(p)",
    "a page by its struct": "keep(alloc_pages(GFP_KERNEL, 2))",
    "a page by its address": "keep((char *)__get_free_pages(GFP_KERNEL, 2) + 5000)",
    "in a page's struct": "struct page *page = alloc_page(GFP_KERNEL); page->private = (long)vmalloc(9000); keep(page)",
    "vmalloc": "keep((char *)vmalloc(9000) + 8999)",
    "per-CPU": "keep((void *)alloc_percpu(long))",
    "one CPU's copy": "keep(per_cpu_ptr(alloc_percpu(long), 1))",
    "in a per-CPU object": "void **c = (void *)alloc_percpu(void *); *per_cpu_ptr(c, 1) = vmalloc(10); keep(c)",
    "vmap": "struct page *page = alloc_page(GFP_KERNEL); keep(vmap(&page, 1, VM_MAP, PAGE_KERNEL))",
    "a cache": 'keep(kmem_cache_create("given", 99, 0, SLAB_POISON, NULL))',
    "what the other made": "keep(keeper_make())",
}


def giver(code: str, how: int) -> str:
    declared = "extern void keeper_keep(void *p, int how);\nextern void *keeper_make(void);\nstatic void *p;\n"
    body = f"static void give(void) {{ {code}; }}\nstatic void take(void) {{ }}"
    return HEAD + declared + f"#define keep(x) keeper_keep(x, {how})\n" + body + TAIL


@pytest.mark.parametrize("how", [0, 1, 2], ids=["variable", "per-CPU variable", "object"])
@pytest.mark.parametrize("code", GIVEN.values(), ids=GIVEN.keys())
def test_what_another_module_can_reach_is_not_lost(code: str, how: int, make: Make) -> None:
    keeper, module = make("keeper", KEEPER), make("giver", giver(code, how))
    with Machine() as machine:
        machine.insmod(keeper)
        machine.insmod(module)
        machine.rmmod("giver")
        assert machine.findings == []


def test_what_the_other_has_forgotten_is_lost(make: Make) -> None:
    keeper, module = make("keeper", KEEPER), make("giver", giver(GIVEN["the start"] + "; keep(NULL)", 2))
    with Machine() as machine:
        machine.insmod(keeper)
        machine.insmod(module)
        machine.rmmod("giver")
        assert [finding.kind for finding in machine.findings] == ["leak"]


def test_the_leaving_modules_own_variables_reach_nothing(make: Make) -> None:
    text = source("void *p; static struct { void *a[2]; } *q", "p = q = kzalloc(16, GFP_KERNEL); q->a[1] = q", "")
    assert len(run(make("own", text))) == 1


def test_what_lies_in_freed_memory_reaches_nothing(make: Make) -> None:
    code = "void **q = kmalloc(64, GFP_KERNEL); p = kmalloc(100, GFP_KERNEL); q[4] = p; kfree(q)"
    assert len(run(make("stale", source("void *p", code, "")))) == 1


def test_an_object_of_the_current_task_is_not_lost(make: Make) -> None:
    journal = f"*(void **)((char *)current + {load().offset('task_struct', 'journal_info')})"
    text = "#include <linux/sched.h>\n" + source("void *p", f"p = kmalloc(100, GFP_KERNEL); {journal} = p", "")
    assert run(make("task", text)) == []


@pytest.mark.parametrize("fences", ["right", "left"])
@pytest.mark.parametrize("code", GIVEN.values(), ids=GIVEN.keys())
def test_objects_with_fences_are_reached_as_well(code: str, fences: str, make: Make) -> None:
    keeper, module = make("keeper", KEEPER), make("giver", giver(code, 0))
    with Machine(fences=fences) as machine:
        machine.insmod(keeper)
        machine.insmod(module)
        machine.rmmod("giver")
        assert machine.findings == []


def test_a_module_that_oopsed_has_no_leaks(make: Make) -> None:
    text = source("void *p", "p = kmalloc(100, GFP_KERNEL); *(volatile int *)8 = 1", "")
    with Machine() as machine:
        with suppress(Exception):
            machine.insmod(make("oopsed", text))
        assert [finding.kind for finding in machine.findings] == ["null-deref"]


def test_nothing_left_costs_next_to_nothing(make: Make) -> None:
    module = make("kept", source("void *p", "p = kmalloc(100, GFP_KERNEL); kfree(p)", ""))
    with Machine() as machine:
        machine.insmod(module)
        loaded = machine.kernel.modules.loaded["kept"]
        took = []
        for _ in range(50):
            began = perf_counter()
            assert not report_left(machine.kernel, loaded, "")
            took.append(perf_counter() - began)
    assert min(took) < 20e-6
