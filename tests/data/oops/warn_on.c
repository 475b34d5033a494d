// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int n = 7;

static int __init warn_on_init(void)
{
	pr_info("first %d\n", WARN_ON(n == 7));
	pr_info("second %d\n", WARN_ON(n == 7));
	return 0;
}

static void __exit warn_on_exit(void)
{
	pr_info("warn_on: exit\n");
}

module_init(warn_on_init);
module_exit(warn_on_exit);
MODULE_LICENSE("GPL");
