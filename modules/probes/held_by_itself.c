// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a module that holds a reference to itself cannot be removed
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init held_by_itself_init(void)
{
	pr_info("refcount %d\n", module_refcount(THIS_MODULE));
	pr_info("try_module_get %d\n", try_module_get(THIS_MODULE));
	pr_info("refcount %d\n", module_refcount(THIS_MODULE));
	__module_get(THIS_MODULE);
	module_put(THIS_MODULE);
	pr_info("refcount %d\n", module_refcount(THIS_MODULE));
	return 0;
}

static void __exit held_by_itself_exit(void)
{
	pr_info("exit\n");
}

module_init(held_by_itself_init);
module_exit(held_by_itself_exit);
MODULE_DESCRIPTION("a module that holds a reference to itself cannot be removed");
MODULE_LICENSE("GPL");
