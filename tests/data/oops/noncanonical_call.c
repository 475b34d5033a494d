// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static void (*volatile f)(void) = (void *)0xdead000000000100UL;

static int __init noncanonical_call_init(void)
{
	f();
	return 0;
}

static void __exit noncanonical_call_exit(void)
{
	pr_info("noncanonical_call: exit\n");
}

module_init(noncanonical_call_init);
module_exit(noncanonical_call_exit);
MODULE_LICENSE("GPL");
