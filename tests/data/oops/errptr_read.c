// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static int *volatile p = (int *)-12L;

static int __init errptr_read_init(void)
{
	pr_info("value %d\n", *p);
	return 0;
}

static void __exit errptr_read_exit(void)
{
	pr_info("errptr_read: exit\n");
}

module_init(errptr_read_init);
module_exit(errptr_read_exit);
MODULE_LICENSE("GPL");
