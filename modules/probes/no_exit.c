// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a module without an exit function is permanent
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init no_exit_init(void)
{
	pr_info("init\n");
	return 0;
}

module_init(no_exit_init);
MODULE_DESCRIPTION("a module without an exit function is permanent");
MODULE_LICENSE("GPL");
