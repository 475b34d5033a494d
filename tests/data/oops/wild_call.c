// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static void (*volatile f)(void) = (void *)0xffffc90000800000UL;

static int __init wild_call_init(void)
{
	f();
	return 0;
}

static void __exit wild_call_exit(void)
{
	pr_info("wild_call: exit\n");
}

module_init(wild_call_init);
module_exit(wild_call_exit);
MODULE_LICENSE("GPL");
