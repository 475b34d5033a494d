// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>


static int __init double_kfree_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	kfree(p);
	return 0;
}

static void __exit double_kfree_exit(void)
{
	pr_info("double_kfree: exit\n");
}

module_init(double_kfree_init);
module_exit(double_kfree_exit);
MODULE_LICENSE("GPL");
