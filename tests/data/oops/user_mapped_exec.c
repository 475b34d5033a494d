// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static void (*volatile f)(void) = (void *)0x400000UL;

static int __init user_mapped_exec_init(void)
{
	f();
	return 0;
}

static void __exit user_mapped_exec_exit(void)
{
	pr_info("user_mapped_exec: exit\n");
}

module_init(user_mapped_exec_init);
module_exit(user_mapped_exec_exit);
MODULE_LICENSE("GPL");
