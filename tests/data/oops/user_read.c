// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static int *volatile p = (int *)0x10000000UL;

static int __init user_read_init(void)
{
	pr_info("value %d\n", *p);
	return 0;
}

static void __exit user_read_exit(void)
{
	pr_info("user_read: exit\n");
}

module_init(user_read_init);
module_exit(user_read_exit);
MODULE_LICENSE("GPL");
