// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: kfree of what kmalloc never gave: a module's own variable
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static long variable[64];

static int __init kfree_wrong_init(void)
{
	pr_info("before\n");
	kfree(&variable);	/* finds: invalid-free; page-fault */
	pr_info("after\n");
	return 0;
}

static void __exit kfree_wrong_exit(void)
{
	pr_info("exit\n");
}

module_init(kfree_wrong_init);
module_exit(kfree_wrong_exit);
MODULE_DESCRIPTION("kfree of what kmalloc never gave: a module's own variable");
MODULE_LICENSE("GPL");
