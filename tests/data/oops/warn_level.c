// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int n = 7;

static int __init warn_level_init(void)
{
	WARN(n == 7, KERN_ERR "an error %d\n", n);
	WARN(n == 7, "no newline");
	pr_info("after\n");
	return 0;
}

static void __exit warn_level_exit(void)
{
	pr_info("warn_level: exit\n");
}

module_init(warn_level_init);
module_exit(warn_level_exit);
MODULE_LICENSE("GPL");
