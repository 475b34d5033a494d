// SPDX-License-Identifier: GPL-2.0
/* Exports a function of the name that provider.c exports. */
#include <linux/module.h>

int provider_any(void)
{
	return 3;
}
EXPORT_SYMBOL(provider_any);

static int __init duplicate_init(void)
{
	printk(KERN_INFO "duplicate: init\n");
	return 0;
}

static void __exit duplicate_exit(void)
{
}

module_init(duplicate_init);
module_exit(duplicate_exit);
MODULE_LICENSE("GPL");
