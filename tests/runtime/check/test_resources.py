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
#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
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
static dev_t number;
static int major;
static struct cdev cdev;
static struct class *class;
static struct proc_dir_entry *entry;
static const struct proc_ops ops;
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
    "numbers": (
        'alloc_chrdev_region(&number, 2, 3, "three")', "unregister_chrdev_region(number, 3)",
        "character device numbers 246:2 (three) is still registered",
    ),
    "not all numbers": (
        'register_chrdev_region(MKDEV(240, 0), 3, "three")',
        "unregister_chrdev_region(MKDEV(240, 0), 2); unregister_chrdev_region(MKDEV(240, 0), 3)",
        "character device numbers 240:0 (three) is still registered",
    ),
    "a whole major": (
        'major = register_chrdev(0, "old", &fops)', 'unregister_chrdev(major, "old")',
        "character device numbers 246:0 (old) is still registered",
    ),
    "a cdev": (
        "cdev_init(&cdev, &fops); if (cdev_add(&cdev, MKDEV(240, 1), 1)) return 1", "cdev_del(&cdev)",
        "character device 240:1 is still registered",
    ),
    "a class": (
        'class = class_create(THIS_MODULE, "classy")', "class_destroy(class)", "class classy is still registered",
    ),
    "a device": (
        'class = class_create(THIS_MODULE, "classy"); device_create(class, NULL, MKDEV(240, 1), NULL, "d%d", 5)',
        "device_destroy(class, MKDEV(240, 1)); class_destroy(class)",
        "class classy is still registered", "device d5 is still registered",
    ),
    "a file in /proc": (
        'entry = proc_create("filed", 0, NULL, &ops)', "proc_remove(entry)",
        "proc entry /proc/filed is still registered",
    ),
    "a directory in /proc": (
        'entry = proc_mkdir("filed", NULL); proc_create("inner", 0, entry, &ops)', 'remove_proc_subtree("filed", NULL)',
        "proc entry /proc/filed is still registered",
    ),
    "debugfs": (
        'static u32 v; struct dentry *d = debugfs_create_dir("dir", NULL); debugfs_create_file("f", 0, d, NULL, &fops);'
        'debugfs_create_u32("v", 0, d, &v); entry = (void *)d',
        "debugfs_remove((void *)entry)", "debugfs entry /dir is still registered",
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
    "an allocated cdev": (
        "struct cdev *p = cdev_alloc(); p->ops = &fops; if (cdev_add(p, MKDEV(240, 1), 1)) return 1; entry = (void *)p",
        "cdev_del((void *)entry)",
    ),
    "numbers that were refused": (
        'register_chrdev_region(MKDEV(240, 0), 3, "a"); register_chrdev_region(MKDEV(239, 1 << 19), 1 << 20, "b")',
        "unregister_chrdev_region(MKDEV(240, 0), 3)",
    ),
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
    kinds = {each.kind for each in run(make, *CLEAN[what])[1]}
    assert not kinds & {"resource-leak", "leak"} or what == "a chain that it has allocated"


def test_devices_of_one_call_are_one_finding(make: Make) -> None:
    each = "volatile int n = 2; for (int i = 0; i < n; i++) one(i ? &second : &first)"
    found = run(make, each, "")[1]
    assert [one.message for one in found] == ["misc device first and 1 more are still registered after giver has gone"]


def test_the_size_and_the_owner_of_a_file_in_proc_are_kept(make: Make) -> None:
    code = 'entry = proc_create("f", 0, NULL, &ops); proc_set_size(entry, 100)'
    machine, found = run(make, code + "; proc_set_user(entry, KUIDT_INIT(7), KGIDT_INIT(8))", "")
    view = machine.kernel.abi.view("proc_dir_entry")(machine.kernel.mem, found[0].address)
    assert (view.size_, view.uid.val, view.gid.val) == (100, 7, 8)


def test_memory_in_which_a_registered_device_lies_is_not_lost_as_well(make: Make) -> None:
    give = "struct miscdevice *p = kmemdup(&first, sizeof(first), GFP_KERNEL); misc_register(p)"
    assert [each.kind for each in run(make, give, "")[1]] == ["resource-leak"]


WRONG = {
    "a class twice": (
        'class = class_create(THIS_MODULE, "classy"); class_destroy(class); class_destroy(class)', "double-free",
    ),
    "a class with a device": (
        'class = class_create(THIS_MODULE, "classy"); device_create(class, NULL, MKDEV(240, 1), NULL, "d");'
        "class_destroy(class); device_destroy(class, MKDEV(240, 1))", "bad-argument use-after-free",
    ),
    "a file twice": ('entry = proc_create("f", 0, NULL, &ops); proc_remove(entry); proc_remove(entry)', "double-free"),
    "in a directory that is gone": (
        'entry = proc_mkdir("filed", NULL); proc_remove(entry); remove_proc_entry("inner", entry)',
        "use-after-free bad-argument",
    ),
    "a debugfs entry twice": (
        'entry = (void *)debugfs_create_dir("d", NULL); debugfs_remove((void *)entry); debugfs_remove((void *)entry)',
        "double-free",
    ),
    "a child": (
        'class = class_create(THIS_MODULE, "classy"); struct device *d = device_create(class, NULL, 0, NULL, "d");'
        'device_create(class, d, 0, NULL, "d"); device_destroy(class, 0); device_destroy(class, 0);'
        "class_destroy(class)", "bad-argument",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_taken_back_wrongly_is_found(what: str, make: Make) -> None:
    code, kinds = WRONG[what]
    assert [each.kind for each in run(make, code, "")[1]] == kinds.split()


REFUSED = """
if (!misc_register(&first))
	misc_deregister(&first);
else
	pr_info("alone %d error %ld\\n", list_empty(&first.list), PTR_ERR(first.this_device));
cdev_init(&cdev, &fops);
if (cdev_add(&cdev, MKDEV(240, 1), 1))
	pr_info("count %d\\n", cdev.count);
cdev_del(&cdev);
class = class_create(THIS_MODULE, "classy");
if (IS_ERR(class))
	pr_info("class %ld\\n", PTR_ERR(class));
if (IS_ERR(device_create(class, NULL, 5, NULL, "d")))
	pr_info("no device\\n");
else
	device_destroy(class, 5);
class_destroy(class);
entry = proc_create("f", 0, NULL, &ops);
if (!entry)
	pr_info("no file\\n");
proc_remove(entry)
"""


@pytest.mark.parametrize("call", ["misc_register", "cdev_add", "device_create", "__class_create", "proc_create"])
def test_a_call_that_a_plan_refuses_leaves_what_a_failed_one_leaves(call: str, make: Make) -> None:
    module = make("giver", HEAD + TAIL.replace("{give}", REFUSED).replace("{take}", ""))
    said = {
        "misc_register": ["alone 1 error -12"], "cdev_add": ["count 1"], "device_create": ["no device"],
        "__class_create": ["class -12", "no device"], "proc_create": ["no file"],
    }  # fmt: skip
    with Machine(fail=f"{call} nth=1") as machine:
        machine.insmod(make("keeper", KEEPER))
        machine.insmod(module)
        machine.rmmod("giver")
        assert [record.text for record in machine.dmesg()][-len(said[call]) :] == said[call]
        assert machine.findings == []


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
