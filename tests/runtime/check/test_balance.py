"""What init and exit still hold when they return."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from runtime import Finding, Machine
from runtime.errors import InsmodError, Killed

Make = Callable[[str, str], Path]

SOURCE = """
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
static int fail, late;
module_param(fail, int, 0);
module_param(late, int, 0);
static DEFINE_MUTEX(mutex);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);
static DEFINE_RWLOCK(rw);
static DEFINE_SEMAPHORE(sem);
static noinline void take(void)
{
	{code};
}
static int __init start(void) { if (!late) take(); return fail; }
static void __exit stop(void) { if (late) take(); }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""
LEFT = {
    "mutex": ("mutex_lock(&mutex)", "returned with the mutex at 0x"),
    "trylock": ("if (!mutex_trylock(&mutex)) return", "returned with the mutex at 0x"),
    "spinlock": ("spin_lock(&spin)", "returned with preemption off: the spinlock at 0x"),
    "irqsave": (
        "unsigned long flags; spin_lock_irqsave(&spin, flags)",
        "returned with preemption off and interrupts off: the spinlock at 0x",
    ),
    "reader": ("read_lock(&rw)", "returned with preemption off: the rwlock at 0x"),
    "writer": ("write_lock(&rw)", "returned with preemption off: the rwlock at 0x"),
    "one of two": ("mutex_lock(&mutex); mutex_lock(&second); mutex_unlock(&mutex)", "returned with the mutex at 0x"),
    "preemption": ("preempt_disable()", "returned with preemption off"),
    "interrupts": ("local_irq_disable()", "returned with interrupts off"),
    "RCU": ("rcu_read_lock()", "returned in an RCU reader: rcu_read_unlock() is missing"),
}
CLEAN = {
    "mutex": "mutex_lock(&mutex); mutex_unlock(&mutex)",
    "tried in vain": "mutex_lock(&mutex); mutex_trylock(&mutex); mutex_unlock(&mutex)",
    "spinlock": "spin_lock(&spin); spin_unlock(&spin)",
    "irqsave": "unsigned long flags; spin_lock_irqsave(&spin, flags); spin_unlock_irqrestore(&spin, flags)",
    "rwlock": "read_lock(&rw); read_unlock(&rw); write_lock(&rw); write_unlock(&rw)",
    "RCU": "rcu_read_lock(); rcu_read_lock(); rcu_read_unlock(); rcu_read_unlock()",
    "a semaphore that another task gives back": "down(&sem)",
}


def run(machine: Machine, module: Path, arguments: str) -> list[Finding]:
    with suppress(InsmodError, Killed):
        machine.insmod(module, arguments)
        machine.rmmod(module.stem)
    return machine.findings


@pytest.mark.parametrize("arguments", ["", "fail=-12", "late=1"], ids=["init", "failed init", "exit"])
@pytest.mark.parametrize("code", LEFT)
def test_what_is_held_at_return_is_found_once(code: str, arguments: str, make: Make) -> None:
    source, message = LEFT[code]
    module = make("holder", SOURCE.replace("{code}", source))
    with Machine() as machine:
        found = run(machine, module, arguments)
        assert [each.kind for each in found if each.kind != "warn"] == ["atomic-imbalance"] * len(found)
        assert message in found[-1].message and found[-1].message.startswith("exit" if "late" in arguments else "init")
        taken = machine.frames(found[-1].allocated, known=found[-1].known)
        symbols = [frame["symbol"] for frame in taken]
        assert set(symbols[:1]) <= {"take", "start", "stop"} and bool(symbols) == ("at 0x" in message)


@pytest.mark.parametrize("arguments", ["", "fail=-12", "late=1"], ids=["init", "failed init", "exit"])
@pytest.mark.parametrize("code", CLEAN)
def test_what_is_given_back_is_not(code: str, arguments: str, make: Make) -> None:
    with Machine() as machine:
        assert run(machine, make("holder", SOURCE.replace("{code}", CLEAN[code])), arguments) == []


def test_a_lock_of_a_task_that_died_is_not_the_next_ones(make: Make) -> None:
    dies = make("dies", SOURCE.replace("{code}", "mutex_lock(&mutex); *(volatile int *)8 = 1"))
    clean = make("clean", SOURCE.replace("{code}", ""))
    with Machine() as machine:
        with pytest.raises(Killed):
            machine.insmod(dies)
        machine.insmod(clean)
        machine.rmmod("clean")
        assert [each.kind for each in machine.findings] == ["null-deref"]


@pytest.mark.parametrize("arguments", ["fail=-12", "late=1"])
def test_the_end_of_a_reader_that_never_comes_is_waited_for(arguments: str, make: Make) -> None:
    module = make("holder", SOURCE.replace("{code}", "rcu_read_lock()"))
    with Machine() as machine:
        with pytest.raises(Killed):
            machine.insmod(module, arguments)
            machine.rmmod("holder")
        assert any("Voluntary context switch within RCU" in record.text for record in machine.dmesg())
