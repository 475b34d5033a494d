// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: kfree of the same object twice
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static int __init double_free_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	kfree(p);	/* finds: double-free */
	pr_info("after\n");
	return 0;
}

static void __exit double_free_exit(void)
{
	pr_info("exit\n");
}

module_init(double_free_init);
module_exit(double_free_exit);
MODULE_DESCRIPTION("kfree of the same object twice");
MODULE_LICENSE("GPL");
