// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a module is loaded twice, and removed twice
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init load_twice_init(void)
{
	pr_info("init\n");
	return 0;
}

static void __exit load_twice_exit(void)
{
	pr_info("exit\n");
}

module_init(load_twice_init);
module_exit(load_twice_exit);
MODULE_DESCRIPTION("a module is loaded twice, and removed twice");
MODULE_LICENSE("GPL");
