// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a call of a function pointer that is NULL
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static void (*call)(void);
static unsigned long unused;
module_param_named(call, unused, ulong, 0);

static int __init call_null_init(void)
{
	pr_info("before\n");
	call();	/* finds: null-deref */
	return 0;
}

static void __exit call_null_exit(void)
{
	pr_info("exit\n");
}

module_init(call_null_init);
module_exit(call_null_exit);
MODULE_DESCRIPTION("a call of a function pointer that is NULL");
MODULE_LICENSE("GPL");
