// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static void (*volatile f)(void) = (void *)0x10000000UL;

static int __init user_exec_init(void)
{
	f();
	return 0;
}

static void __exit user_exec_exit(void)
{
	pr_info("user_exec: exit\n");
}

module_init(user_exec_init);
module_exit(user_exec_exit);
MODULE_LICENSE("GPL");
