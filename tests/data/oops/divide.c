// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int zero;

static int __init divide_init(void)
{
	pr_info("value %d\n", 10 / zero);
	return 0;
}

static void __exit divide_exit(void)
{
	pr_info("divide: exit\n");
}

module_init(divide_init);
module_exit(divide_exit);
MODULE_LICENSE("GPL");
