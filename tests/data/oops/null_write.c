// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static int *volatile p;

static int __init null_write_init(void)
{
	*p = 42;
	return 0;
}

static void __exit null_write_exit(void)
{
	pr_info("null_write: exit\n");
}

module_init(null_write_init);
module_exit(null_write_exit);
MODULE_LICENSE("GPL");
