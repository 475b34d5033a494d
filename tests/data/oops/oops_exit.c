// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>

static int *volatile p;

static int __init oops_exit_init(void)
{
	pr_info("oops_exit: init\n");
	return 0;
}

static void __exit oops_exit_exit(void)
{
	*p = 42;
}

module_init(oops_exit_init);
module_exit(oops_exit_exit);
MODULE_LICENSE("GPL");
