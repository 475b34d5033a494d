// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>

static int *volatile p;

static int __init warn_exit_init(void)
{
	pr_info("warn_exit: init\n");
	return 0;
}

static void __exit warn_exit_exit(void)
{
	WARN(1, "warned in exit: %p\n", p);
}

module_init(warn_exit_init);
module_exit(warn_exit_exit);
MODULE_LICENSE("GPL");
