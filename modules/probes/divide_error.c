// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a division by zero in init
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int zero;
module_param(zero, int, 0);

static int __init divide_error_init(void)
{
	pr_info("before\n");
	pr_info("%d\n", 7 / zero);	/* finds: divide-error */
	return 0;
}

static void __exit divide_error_exit(void)
{
	pr_info("exit\n");
}

module_init(divide_error_init);
module_exit(divide_error_exit);
MODULE_DESCRIPTION("a division by zero in init");
MODULE_LICENSE("GPL");
