// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a write to a wild pointer in exit kills rmmod
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static unsigned long where = 0xdead000000000100;
module_param(where, ulong, 0);

static int __init exit_oops_init(void)
{
	pr_info("init\n");
	return 0;
}

static void __exit exit_oops_exit(void)
{
	pr_info("writing\n");
	*(int *)where = 1;	/* finds: general-protection */
}

module_init(exit_oops_init);
module_exit(exit_oops_exit);
MODULE_DESCRIPTION("a write to a wild pointer in exit kills rmmod");
MODULE_LICENSE("GPL");
