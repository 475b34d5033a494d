// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a write to read-only data
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static const int fixed = 5;

static int __init write_const_init(void)
{
	pr_info("before\n");
	*(volatile int *)&fixed = 1;	/* finds: page-fault */
	pr_info("after\n");
	return 0;
}

static void __exit write_const_exit(void)
{
	pr_info("exit\n");
}

module_init(write_const_init);
module_exit(write_const_exit);
MODULE_DESCRIPTION("a write to read-only data");
MODULE_LICENSE("GPL");
