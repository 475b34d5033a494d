// SPDX-License-Identifier: GPL-2.0
/* Exports two functions, one of them to GPL modules only. init returns what the parameter says. */
#include <linux/module.h>

static int value;
module_param(value, int, 0);

int provider_any(void)
{
	return 1;
}
EXPORT_SYMBOL(provider_any);

int provider_gpl(void)
{
	return 2;
}
EXPORT_SYMBOL_GPL(provider_gpl);

static int __init provider_init(void)
{
	printk(KERN_INFO "provider: init\n");
	return value;
}

static void __exit provider_exit(void)
{
	printk(KERN_INFO "provider: exit\n");
}

module_init(provider_init);
module_exit(provider_exit);
MODULE_LICENSE("GPL");
