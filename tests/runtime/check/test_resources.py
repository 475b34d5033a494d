"""What a module has registered, and has not taken back when it goes."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from runtime import Finding, Machine
from runtime.check.resources import Resources
from runtime.errors import InsmodError
from runtime.undo import Undo

Make = Callable[[str, str], Path]

HEAD = """
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
static int fail;
module_param(fail, int, 0);
static const struct file_operations fops = { .owner = THIS_MODULE };
static struct miscdevice first = { .minor = MISC_DYNAMIC_MINOR, .name = "first", .fops = &fops };
static struct miscdevice second = { .minor = MISC_DYNAMIC_MINOR, .name = "second", .fops = &fops };
static noinline int one(struct miscdevice *device) { return misc_register(device); }
struct notifier_block { int (*call)(struct notifier_block *, unsigned long, void *); void *next; int priority; };
int raw_notifier_chain_register(void **head, struct notifier_block *block);
int raw_notifier_chain_unregister(void **head, struct notifier_block *block);
static int seen(struct notifier_block *block, unsigned long action, void *data) { return 0; }
static struct notifier_block block = { .call = seen };
static void *own_chain;
extern struct module *keeper_module;
extern void *keeper_chain, **keeper_heap;
"""
TAIL = """
static int __init start(void) { {give}; return fail; }
static void __exit stop(void) { {take}; }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""
KEEPER = """
#include <linux/module.h>
#include <linux/slab.h>
struct module *keeper_module = THIS_MODULE;
EXPORT_SYMBOL(keeper_module);
void *keeper_chain, **keeper_heap;
EXPORT_SYMBOL(keeper_chain);
EXPORT_SYMBOL(keeper_heap);
static int __init start(void) { keeper_heap = kzalloc(8, GFP_KERNEL); return 0; }
static void __exit stop(void) { kfree(keeper_heap); }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
"""
# What is done; how it is undone; what is said where that is missing.
LEFT = {
    "a misc device": ("misc_register(&first)", "misc_deregister(&first)", "misc device first is still registered"),
    "two of one call": (
        "one(&first); barrier(); one(&second); barrier()", "misc_deregister(&first); misc_deregister(&second)",
        "misc device first is still registered", "misc device second is still registered",
    ),
    "a notifier": (
        "raw_notifier_chain_register(&keeper_chain, &block)", "raw_notifier_chain_unregister(&keeper_chain, &block)",
        "notifier seen [giver] is still registered",
    ),
    "a notifier on the heap": (
        "raw_notifier_chain_register(keeper_heap, &block)", "raw_notifier_chain_unregister(keeper_heap, &block)",
        "notifier seen [giver] is still registered",
    ),
    "a reference": (
        "__module_get(keeper_module)", "module_put(keeper_module)", "module reference to keeper is still held",
    ),
    "one of two references": (
        "__module_get(keeper_module); if (!try_module_get(keeper_module)) return 1; module_put(keeper_module)",
        "module_put(keeper_module)", "module reference to keeper is still held",
    ),
}  # fmt: skip
CLEAN = {
    "its own chain": ("raw_notifier_chain_register(&own_chain, &block)", ""),
    "a chain that it has allocated": ("raw_notifier_chain_register(kzalloc(8, GFP_KERNEL), &block)", ""),
    "a reference that it may not get": ("try_module_get(NULL)", ""),
    "a device that was refused": (
        'misc_register(&first); second.name = "first"; misc_register(&second)', "misc_deregister(&first)",
    ),
}  # fmt: skip


def run(make: Make, give: str, take: str, arguments: str = "") -> tuple[Machine, list[Finding]]:
    module = make("giver", HEAD + TAIL.replace("{give}", give).replace("{take}", take))
    machine = Machine()
    machine.insmod(make("keeper", KEEPER))
    with suppress(InsmodError):
        machine.insmod(module, arguments)
        machine.rmmod("giver")
    return machine, machine.findings


@pytest.mark.parametrize(("arguments", "when"), [("", "giver has gone"), ("fail=-5", "init of giver failed with -EIO")])
@pytest.mark.parametrize("what", LEFT)
def test_what_is_not_taken_back_is_found(what: str, arguments: str, when: str, make: Make) -> None:
    give, _, *said = LEFT[what]
    machine, found = run(make, give, "", arguments)
    assert [(each.kind, each.message) for each in found] == [("resource-leak", f"{text} after {when}") for text in said]
    for each in found:
        assert machine.frames(each.allocated, known=each.known)[-1]["symbol"] == "start"


@pytest.mark.parametrize("what", LEFT)
def test_what_is_taken_back_is_not(what: str, make: Make) -> None:
    give, take, *_ = LEFT[what]
    assert run(make, give, take)[1] == []


@pytest.mark.parametrize("what", CLEAN)
def test_what_goes_with_the_module_or_never_was_is_no_finding(what: str, make: Make) -> None:
    kinds = [each.kind for each in run(make, *CLEAN[what])[1]]
    assert "resource-leak" not in kinds


def test_devices_of_one_call_are_one_finding(make: Make) -> None:
    each = "volatile int n = 2; for (int i = 0; i < n; i++) one(i ? &second : &first)"
    found = run(make, each, "")[1]
    assert [one.message for one in found] == ["misc device first and 1 more are still registered after giver has gone"]


def test_memory_in_which_a_registered_device_lies_is_not_lost_as_well(make: Make) -> None:
    give = "struct miscdevice *p = kmemdup(&first, sizeof(first), GFP_KERNEL); misc_register(p)"
    assert [each.kind for each in run(make, give, "")[1]] == ["resource-leak"]


def test_resources_are_taken_back_with_the_machine() -> None:
    undo = Undo(journal=True)
    resources = Resources(undo)
    resources.add("device", "a", 0x1000, (1,))
    mark = undo.mark()
    resources.remove("device", 0x1000)
    resources.remove("device", 0x1000)
    resources.add("region", "b", 0, (2,), key=5)
    assert [name for _, name in resources.held] == [5]
    undo.rewind(mark)
    assert [each.name for each in resources.held.values()] == ["a"]
    assert resources.of(lambda address: address == 1) == [("device", 0x1000)]
    assert resources.of(lambda address: address == 2) == []
