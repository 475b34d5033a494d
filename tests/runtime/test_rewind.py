"""The whole machine can be taken back at any trap: all state is data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime import Machine
from runtime.errors import Killed, Usage

ROOT = Path(__file__).resolve().parents[2]

# The constructor is called by the kernel, and calls the kernel itself; a parameter's set function as well.
NESTED = """
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/list.h>
#include <linux/vmalloc.h>
#include <linux/percpu.h>

struct item { struct list_head link; int number; char pad[40]; };
static int built, seen;
static LIST_HEAD(items);
static struct kmem_cache *cache;

static void build(void *p)
{
	struct item *item = p;
	void *scratch = kmalloc(24, GFP_KERNEL);

	item->number = ++built;
	INIT_LIST_HEAD(&item->link);
	if (built % 16 == 0)
		pr_info("built %d\\n", built);
	kfree(scratch);
}

static int set(const char *value, const struct kernel_param *kp)
{
	pr_info("set to %s\\n", value);
	return param_set_int(value, kp);
}
static const struct kernel_param_ops ops = { .set = set, .get = param_get_int };
module_param_cb(seen, &ops, &seen, 0444);

static int __init start(void)
{
	struct item *item, *next;
	int __percpu *counter = alloc_percpu(int);
	char *buffer = vmalloc(10000);
	int i;

	cache = kmem_cache_create("rewind_items", sizeof(struct item), 0, 0, build);
	for (i = 0; i < 5; i++) {
		item = kmem_cache_alloc(cache, GFP_KERNEL);
		list_add(&item->link, &items);
	}
	buffer[5000] = 'x';
	this_cpu_inc(*counter);
	list_for_each_entry_safe(item, next, &items, link) {
		list_del(&item->link);
		kmem_cache_free(cache, item);
	}
	pr_info("built %d, seen %d, %c, %d\\n", built > 0, seen, buffer[5000], this_cpu_read(*counter));
	vfree(buffer);
	free_percpu(counter);
	return 0;
}

static void __exit stop(void)
{
	kmem_cache_destroy(cache);
	pr_info("stopped\\n");
}
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""


@pytest.fixture
def nested(build_ko: Callable[[Path], Path], tmp_path: Path) -> bytes:
    source = tmp_path / "nested.c"
    source.write_text(NESTED)
    return build_ko(source).read_bytes()


def state(machine: Machine) -> dict[str, Any]:
    """All that there is: RAM without page tables (whose A and D bits differ), the log, books, findings, time, taint."""
    k = machine.kernel
    return {
        "ram": bytes(k.ram.mem[: k.tables_phys]),
        "log": [tuple(record) for record in machine.dmesg()],
        "books": [sorted(book) for book in (k.mm.books.slab, k.mm.books.pages, k.mm.books.vmalloc, k.mm.books.percpu)],
        "zones": [(zone.name, list(zone.free)) for zone in k.nodes.populated],
        "findings": [(found.kind, found.message) for found in machine.findings],
        "clock": k.clock.ns,
        "random": k.random.state,
        "taint": k.trouble.health.taint,
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


class Backwards:
    """Runs each trap twice: at the second time from the state that was marked before the first."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.mark, self.times = machine, None, 0
        machine.loop.watch(self.before)

    def before(self) -> int:
        traps = self.machine.loop.traps
        if self.mark is not None:
            mark, self.mark = self.mark, None
            self.machine.rewind(mark)
            self.times += 1
            return traps[0] + 2  # past the trap that is run again
        self.mark = self.machine.mark()
        return traps[0] + 2


def run(data: bytes, backwards: bool, arguments: str = "") -> tuple[Machine, int]:
    """insmod and rmmod on a small machine. Return: it, and how often it was taken back."""
    machine = Machine(memory="32M", rewindable=True)
    watcher = Backwards(machine) if backwards else None
    name = machine.insmod(data, arguments).name
    if watcher:
        watcher.mark = None
    machine.rmmod(name)
    return machine, watcher.times if watcher else 0


@pytest.mark.parametrize("module", ["lecture/slab_test", "memory/percpu_test", "memory/highmem_test"])
def test_a_run_that_is_taken_back_at_every_trap_ends_the_same(build_ko: Callable[[Path], Path], module: str) -> None:
    data = build_ko(ROOT / f"modules/{module}.c").read_bytes()
    (straight, _), (again, times) = run(data, False), run(data, True)
    assert times > 3
    assert differences(state(straight), state(again)) == []


def test_it_can_be_taken_back_inside_functions_that_the_kernel_calls(nested: bytes) -> None:
    (straight, _), (again, times) = run(nested, False, "seen=7"), run(nested, True, "seen=7")
    assert times > 150, "each constructor calls the kernel twice"
    assert differences(state(straight), state(again)) == []
    assert "seen 7, x, 1" in straight.dmesg()[-2].text


def test_a_plain_machine_logs_the_same(nested: bytes) -> None:
    plain = Machine(memory="32M")
    plain.rmmod(plain.insmod(nested, "seen=7").name)
    assert plain.dmesg() == run(nested, False, "seen=7")[0].dmesg()


def test_an_oops_can_be_taken_back(build_ko: Callable[[Path], Path]) -> None:
    data = build_ko(ROOT / "tests/data/oops/null_write.c").read_bytes()
    machine = Machine(memory="32M", rewindable=True)
    mark, before = machine.mark(), state(machine)
    for _ in range(3):
        with pytest.raises(Killed):
            machine.insmod(data)
        assert machine.findings
        machine.rewind(mark)
        assert differences(before, state(machine)) == []


def test_a_machine_that_counts_cannot_be_taken_back() -> None:
    with pytest.raises(Usage, match="rewindable or tally"):
        Machine(rewindable=True, tally=True)
