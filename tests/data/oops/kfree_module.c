// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
static char data[64];

static int __init kfree_module_init(void)
{
	kfree(data);
	return 0;
}

static void __exit kfree_module_exit(void)
{
	pr_info("kfree_module: exit\n");
}

module_init(kfree_module_init);
module_exit(kfree_module_exit);
MODULE_LICENSE("GPL");
