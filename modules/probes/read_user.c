// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a read of user space's memory
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static unsigned long where = 0x10000000;
module_param(where, ulong, 0);

static int __init read_user_init(void)
{
	pr_info("before\n");
	pr_info("%d\n", *(volatile int *)where);	/* finds: page-fault */
	return 0;
}

static void __exit read_user_exit(void)
{
	pr_info("exit\n");
}

module_init(read_user_init);
module_exit(read_user_exit);
MODULE_DESCRIPTION("a read of user space's memory");
MODULE_LICENSE("GPL");
