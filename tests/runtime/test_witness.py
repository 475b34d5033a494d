"""A fault plan on a machine: it is there from the first insmod on, is rewound with it, and outlives a watchdog."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime import Machine
from runtime.cpu.loop import Suspected
from runtime.errors import InsmodError, Usage

SOURCE = Path(__file__).with_name("inject") / "allocate.c"
LAST_CALL = """
#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(mutex);

static int __init last_lock_init(void)
{
	return mutex_lock_interruptible(&mutex);
}
module_init(last_lock_init);

MODULE_LICENSE("GPL");
"""


@pytest.fixture(scope="module")
def ko(build_ko: Callable[[Path], Path]) -> Path:
    return build_ko(SOURCE)


def gave(machine: Machine) -> list[str]:
    return [record.text for record in machine.dmesg() if ": " in record.text][2:]


def failed(machine: Machine) -> list[tuple[int, str]]:
    assert machine.plan is not None
    return [(failure.number, failure.function) for failure in machine.plan.failures]


def test_loading_a_module_is_no_fault_point(ko: Path) -> None:
    with Machine(fail="times=-1") as machine:
        machine.insmod(ko, which=0)
        machine.rmmod("allocate")
        assert machine.plan is not None and machine.plan.points == 0
    with Machine() as machine:
        assert machine.plan is None


def test_fault_points_are_counted_over_the_whole_run(ko: Path) -> None:
    with Machine(fail=["nth=3", "mutex_lock_interruptible"]) as machine:
        for which in (1, 26, 80):
            machine.insmod(ko, which=which)
            machine.rmmod("allocate")
        assert failed(machine) == [(3, "argv_split"), (4, "mutex_lock_interruptible")]
        assert [text.rpartition(": ")[2] for text in gave(machine)] == ["given", "NULL", "-4"]


def test_a_mark_takes_the_plan_back_too(ko: Path) -> None:
    with Machine(fail=["slab nth=4", "p=20% seed=3", "unique slab"], rewindable=True) as machine:
        machine.insmod(ko, which=26)
        machine.rmmod("allocate")
        mark, before = machine.mark(), failed(machine)

        def go_on() -> Any:
            machine.insmod(ko, which=14)
            assert machine.plan is not None
            return gave(machine), failed(machine), machine.plan.points, machine.kernel.check.failed

        first = go_on()
        assert len(first[1]) > len(before)
        machine.rewind(mark)
        assert failed(machine) == before
        assert go_on() == first


def test_a_run_that_is_repeated_on_suspicion_has_the_same_plan(ko: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Machine(fail="nth=2") as machine:
        machine.insmod(ko, which=1)
        machine.rmmod("allocate")
        before = machine.kernel
        perform, suspected = machine.loop.perform, []

        def once(action: Any, *data: Any) -> Any:
            suspected.append(perform(action, *data))
            raise Suspected

        monkeypatch.setattr(machine.loop, "perform", once)
        machine.insmod(ko, which=26)
        assert suspected and machine.kernel is not before
        assert failed(machine) == [(2, "argv_split")]


def test_the_last_call_of_init_is_a_fault_point(tmp_path: Path, build_ko: Callable[[Path], Path]) -> None:
    """The compiler makes it a jump: nothing of the module's is on the stack."""
    source = tmp_path / "last_lock.c"
    source.write_text(LAST_CALL)
    with Machine(fail="call") as machine, pytest.raises(InsmodError) as caught:
        machine.insmod(build_ko(source))
    assert caught.value.errno == 4


def test_an_atomic_context_is_one_where_sleeping_is_forbidden(tmp_path: Path, build_ko: Callable[[Path], Path]) -> None:
    source = tmp_path / "under_lock.c"
    source.write_text("""
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static int __init under_lock_init(void)
{
	void *before = kmalloc(16, GFP_KERNEL), *within;

	spin_lock_bh(&lock);
	within = kmalloc(32, GFP_ATOMIC);
	spin_unlock_bh(&lock);
	kfree(before);
	kfree(within);
	return 0;
}
module_init(under_lock_init);

MODULE_LICENSE("GPL");
""")
    ko = build_ko(source)
    for plan, sizes in [("context=atomic", [32]), ("context=irq", [32]), ("context=process", [16]),
                        ("task=insmod", [16, 32])]:
        with Machine(fail=plan) as machine:
            machine.insmod(ko)
            assert machine.plan is not None
            assert [failure.size for failure in machine.plan.failures] == sizes, plan


def test_a_cache_is_meant_by_its_own_name_where_it_was_merged(ko: Path) -> None:
    with Machine(fail="cache=no_such_cache") as machine:
        machine.insmod(ko, which=11)
        assert failed(machine) == []
    with Machine(fail="slab cache=allocate") as machine:
        machine.insmod(ko, which=11)
        assert failed(machine) == [(2, "kmem_cache_alloc")]


@pytest.mark.parametrize(("plan", "told"), [
    ("register_netdev", "register_netdev() is not emulated"), ("jiffies", "'jiffies' is neither a kind"),
    ("no_such_function", "nor a kernel function"), ("mutex_lock_interruptible error=EBUSY", "can return EINTR"),
])  # fmt: skip
def test_a_machine_says_what_it_cannot_make_fail(plan: str, told: str) -> None:
    with pytest.raises(Usage) as caught:
        Machine(fail=plan)
    assert told in str(caught.value)
