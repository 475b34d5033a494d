// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: what insmod and rmmod make of init's return code
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int code;
module_param(code, int, 0);

static int __init init_result_init(void)
{
	pr_info("init returns %d\n", code);
	return code;
}

static void __exit init_result_exit(void)
{
	pr_info("exit\n");
}

module_init(init_result_init);
module_exit(init_result_exit);
MODULE_DESCRIPTION("what insmod and rmmod make of init's return code");
MODULE_LICENSE("GPL");
