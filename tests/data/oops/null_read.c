// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static int *volatile p;

static int __init null_read_init(void)
{
	pr_info("value %d\n", *p);
	return 0;
}

static void __exit null_read_exit(void)
{
	pr_info("null_read: exit\n");
}

module_init(null_read_init);
module_exit(null_read_exit);
MODULE_LICENSE("GPL");
