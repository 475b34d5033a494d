"""Every function that may sleep tells so in each context that forbids it, and in none that does not."""

from contextlib import suppress
from pathlib import Path

import pytest

from runtime import Machine
from runtime.errors import KernelPanic, Killed
from toolchain import build

# name -> what is called; p and q come from before, and are given back behind, where sleeping is allowed
CALLS = {
    "mutex_lock": "mutex_lock(&mutex); mutex_unlock(&mutex)",
    "mutex_lock_interruptible": "if (!mutex_lock_interruptible(&mutex)) mutex_unlock(&mutex)",
    "down": "down(&sem); up(&sem)",
    "down_interruptible": "if (!down_interruptible(&sem)) up(&sem)",
    "down_read": "down_read(rwsem); up_read(rwsem)",
    "down_write": "down_write(rwsem); up_write(rwsem)",
    "kmalloc": "kfree(kmalloc(100, GFP_KERNEL))",
    "__kmalloc": "kfree(kmalloc(size, GFP_KERNEL))",
    "a large kmalloc": "kfree(kmalloc(20000, GFP_KERNEL))",
    "GFP_NOIO": "kfree(kmalloc(100, GFP_NOIO))",
    "krealloc": "q = krealloc(q, 3000, GFP_KERNEL)",
    "kstrdup": 'kfree(kstrdup("text", GFP_KERNEL))',
    "kmem_cache_alloc": "kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL))",
    "kmem_cache_create": 'q = kmem_cache_create("sleeping_other", 99, 0, SLAB_POISON, NULL)',
    "alloc_pages": "__free_pages(alloc_pages(GFP_KERNEL, 1), 1)",
    "__get_free_pages": "free_pages(__get_free_pages(GFP_KERNEL, 0), 0)",
    "vmalloc": "q = vmalloc(5000)",
    "vfree": "vfree(p)",
    "vmap": "q = vmap(&page, 1, 0, PAGE_KERNEL)",
    "alloc_percpu": "free_percpu(alloc_percpu(int))",
    "mempool_alloc": "mempool_free(mempool_alloc(pool, GFP_KERNEL), pool)",
    "msleep": "msleep(1)",
    "usleep_range": "usleep_range(10, 20)",
    "schedule_timeout": "schedule_timeout_uninterruptible(1)",
    "cond_resched": "__cond_resched()",
    "misc_register": "if (!misc_register(&misc)) misc_deregister(&misc)",
    "synchronize_rcu": "synchronize_rcu()",
}
QUIET = {
    "GFP_ATOMIC": "kfree(kmalloc(100, GFP_ATOMIC))",
    "GFP_NOWAIT": "kfree(kmalloc(20000, GFP_NOWAIT))",
    "pages": "__free_pages(alloc_pages(GFP_ATOMIC, 1), 1)",
    "kmem_cache_alloc": "kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_ATOMIC))",
    "alloc_percpu_gfp": "free_percpu(alloc_percpu_gfp(int, GFP_ATOMIC))",
    "trylocks": "if (mutex_trylock(&mutex)) mutex_unlock(&mutex); if (!down_trylock(&sem)) up(&sem)",
    "up": "up(&sem); if (down_trylock(&sem)) return",
    "spinlock": "spin_lock(&other); spin_unlock(&other)",
    "printk and delay": 'pr_info("hello\\n"); udelay(1); mdelay(1)',
    "mempool_alloc": "mempool_free(mempool_alloc(pool, GFP_ATOMIC), pool)",
}
CONTEXTS = {
    "spinlock": ("spin_lock(&spin)", "spin_unlock(&spin)"),
    "irqsave": ("spin_lock_irqsave(&spin, flags)", "spin_unlock_irqrestore(&spin, flags)"),
    "interrupts off": ("local_irq_disable()", "local_irq_enable()"),
    "preemption off": ("preempt_disable()", "preempt_enable()"),
    "bottom halves off": ("local_bh_disable()", "local_bh_enable()"),
    "RCU reader": ("rcu_read_lock()", "rcu_read_unlock()"),
}
HEAD = """
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/mempool.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#define __cond_resched() abi_resched()
int abi_resched(void) __asm__("__cond_resched");
long abi_timeout(long) __asm__("schedule_timeout_uninterruptible");
#define schedule_timeout_uninterruptible(n) abi_timeout(n)
void down_read(void *), up_read(void *), down_write(void *), up_write(void *);
static long rwsem[16];
static DEFINE_MUTEX(mutex);
static DEFINE_SEMAPHORE(sem);
static DEFINE_SPINLOCK(spin);
static DEFINE_SPINLOCK(other);
static int call, context;
module_param(call, int, 0);
module_param(context, int, 0);
static size_t size = 100;
static void *p, *q;
static struct page *page;
static struct kmem_cache *cache;
static mempool_t *pool;
static const struct file_operations fops;
static struct miscdevice misc = { .minor = MISC_DYNAMIC_MINOR, .name = "sleeping", .fops = &fops };
"""
TAIL = """
static void run(void)
{
	unsigned long flags;
	ENTERS
	switch (call) {
	CALLS
	}
	LEAVES
}
static int __init start(void)
{
	barrier();
	OPTIMIZER_HIDE(size);
	page = alloc_page(GFP_KERNEL);
	p = vmalloc(100);
	cache = kmem_cache_create("sleeping", 200, 0, SLAB_POISON, NULL);
	pool = mempool_create_kmalloc_pool(2, 64);
	if (call == KREALLOC)
		q = kmalloc(10, GFP_KERNEL);
	run();
	return 0;
}
static void __exit stop(void) { }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""


def source() -> str:
    """One module that can make each call in each context."""
    calls = [*CALLS.values(), *QUIET.values()]
    enters = "".join(f"if (context == {i}) {{ {enter}; }}\n" for i, (enter, _) in enumerate(CONTEXTS.values()))
    leaves = "".join(f"if (context == {i}) {{ {leave}; }}\n" for i, (_, leave) in enumerate(CONTEXTS.values()))
    cases = "".join(f"case {i}: {{ {code}; break; }}\n" for i, code in enumerate(calls))
    text = TAIL.replace("ENTERS", enters).replace("LEAVES", leaves).replace("CALLS", cases)
    hide = '#define OPTIMIZER_HIDE(x) __asm__("" : "+r"(x))\n'
    return HEAD + hide + text.replace("KREALLOC", str(list(CALLS).index("krealloc")))


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sleeping") / "sleeping.c"
    path.write_text(source())
    return build(path, bundled=True)


def findings(module: Path, call: str, context: str | None) -> list[str]:
    number = [*CALLS, *(f"quiet {name}" for name in QUIET)].index(call)
    where = list(CONTEXTS).index(context) if context else -1
    with Machine() as machine:
        with suppress(Killed, KernelPanic):
            machine.insmod(module, call=number, context=where)
        return [finding.kind for finding in machine.findings]


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("call", CALLS)
def test_what_may_sleep_is_found_where_it_must_not(call: str, context: str, module: Path) -> None:
    found = findings(module, call, context)
    expected = {"sleep-in-atomic"}
    if context == "bottom halves off" and call in ("vmalloc", "vmap"):
        expected = {"bug"} if call == "vmalloc" else {"sleep-in-atomic", "bug"}  # Linux does not go on there
    if call == "synchronize_rcu" and context == "RCU reader":
        expected = {"hang"}
    if context == "bottom halves off" and call == "vfree":
        expected = set()  # it is freed a little later
    # Who sleeps comes back with preemption on, and then gives back what is not taken any more.
    assert set(found) - {"warn", "atomic-imbalance"} == expected


@pytest.mark.parametrize("call", CALLS)
def test_and_not_where_it_may(call: str, module: Path) -> None:
    assert findings(module, call, None) == []


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("call", QUIET)
def test_what_does_not_sleep_is_allowed_everywhere(call: str, context: str, module: Path) -> None:
    assert findings(module, f"quiet {call}", context) == []


def test_the_lists_name_different_calls() -> None:
    assert len({*CALLS.values(), *QUIET.values()}) == len(CALLS) + len(QUIET)
