// SPDX-License-Identifier: GPL-2.0
/* The file is called with-dashes.ko, the module with_dashes. */
#include <linux/module.h>

static int some_value;
module_param(some_value, int, 0);

static int __init with_dashes_init(void)
{
	printk(KERN_INFO "%s: init, some_value %d\n", THIS_MODULE->name, some_value);
	return 0;
}

static void __exit with_dashes_exit(void)
{
	printk(KERN_INFO "%s: exit\n", KBUILD_MODNAME);
}

module_init(with_dashes_init);
module_exit(with_dashes_exit);
MODULE_LICENSE("GPL");
