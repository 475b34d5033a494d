// SPDX-License-Identifier: GPL-2.0
/* Loads, logs a line, and can be removed. The files that corrupt.py makes are variants of this module. */
#include <linux/module.h>

static int __init plain_init(void)
{
	printk(KERN_INFO "plain: init\n");
	pr_debug("plain: debugging is on\n");
	return 0;
}

static void __exit plain_exit(void)
{
	printk(KERN_INFO "plain: exit\n");
}

module_init(plain_init);
module_exit(plain_exit);
MODULE_LICENSE("GPL");
