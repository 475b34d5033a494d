// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a read of NULL in init kills insmod; the module stays half loaded
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int *where;

static int __init null_oops_init(void)
{
	pr_info("reading\n");
	pr_info("%d\n", READ_ONCE(*where));	/* finds: null-deref */
	return 0;
}

static void __exit null_oops_exit(void)
{
	pr_info("exit\n");
}

module_init(null_oops_init);
module_exit(null_oops_exit);
MODULE_DESCRIPTION("a read of NULL in init kills insmod; the module stays half loaded");
MODULE_LICENSE("GPL");
