// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int n = 7;

static int __init warn_init(void)
{
	if (WARN(n == 7, "the number is %d\n", n))
		pr_info("warned\n");
	return 0;
}

static void __exit warn_exit(void)
{
	pr_info("warn: exit\n");
}

module_init(warn_init);
module_exit(warn_exit);
MODULE_LICENSE("GPL");
