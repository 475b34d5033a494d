// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static const int table[4] = { 1, 2, 3, 4 };
static int *volatile p = (int *)table;

static int __init rodata_write_init(void)
{
	*p = 5;
	return 0;
}

static void __exit rodata_write_exit(void)
{
	pr_info("rodata_write: exit\n");
}

module_init(rodata_write_init);
module_exit(rodata_write_exit);
MODULE_LICENSE("GPL");
