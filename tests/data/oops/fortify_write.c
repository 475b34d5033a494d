// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/string.h>
static char small[8];
static volatile unsigned long n = 20;
static char from[64];

static int __init fortify_write_init(void)
{
	memcpy(small, from, n);
	return 0;
}

static void __exit fortify_write_exit(void)
{
	pr_info("fortify_write: exit\n");
}

module_init(fortify_write_init);
module_exit(fortify_write_exit);
MODULE_LICENSE("GPL");
