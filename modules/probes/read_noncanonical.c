// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: reads of wild addresses: not canonical, user space
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static unsigned long where = 0x12340000000000;
module_param(where, ulong, 0);

static int __init read_noncanonical_init(void)
{
	pr_info("before\n");
	pr_info("%d\n", *(volatile int *)where);	/* finds: general-protection */
	return 0;
}

static void __exit read_noncanonical_exit(void)
{
	pr_info("exit\n");
}

module_init(read_noncanonical_init);
module_exit(read_noncanonical_exit);
MODULE_DESCRIPTION("reads of wild addresses: not canonical, user space");
MODULE_LICENSE("GPL");
