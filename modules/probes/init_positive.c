// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: init returns a positive number: loaded, with a warning
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init init_positive_init(void)
{
	pr_info("init returns 5\n");
	return 5;
}

static void __exit init_positive_exit(void)
{
	pr_info("exit\n");
}

module_init(init_positive_init);
module_exit(init_positive_exit);
MODULE_DESCRIPTION("init returns a positive number");
MODULE_LICENSE("GPL");
