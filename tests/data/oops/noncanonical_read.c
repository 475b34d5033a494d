// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static long *volatile p = (long *)0xdead000000000100UL;

static int __init noncanonical_read_init(void)
{
	pr_info("value %ld\n", *p);
	return 0;
}

static void __exit noncanonical_read_exit(void)
{
	pr_info("noncanonical_read: exit\n");
}

module_init(noncanonical_read_init);
module_exit(noncanonical_read_exit);
MODULE_LICENSE("GPL");
