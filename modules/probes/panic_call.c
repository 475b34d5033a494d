// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: panic() ends the machine
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>

static int __init panic_call_init(void)
{
	pr_info("before\n");
	panic("the module says so: %d", 42);	/* finds: panic */
	return 0;
}

static void __exit panic_call_exit(void)
{
	pr_info("exit\n");
}

module_init(panic_call_init);
module_exit(panic_call_exit);
MODULE_DESCRIPTION("panic() ends the machine");
MODULE_LICENSE("GPL");
