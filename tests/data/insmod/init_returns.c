// SPDX-License-Identifier: GPL-2.0
/* init returns what the parameter says. */
#include <linux/module.h>

static int value;
module_param(value, int, 0);

static int __init init_returns_init(void)
{
	printk(KERN_INFO "init_returns: init returns %d\n", value);
	return value;
}

static void __exit init_returns_exit(void)
{
	printk(KERN_INFO "init_returns: exit\n");
}

module_init(init_returns_init);
module_exit(init_returns_exit);
MODULE_LICENSE("GPL");
