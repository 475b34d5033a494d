// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/err.h>


static int __init krealloc_freed_init(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	p = krealloc(p, 128, GFP_KERNEL);
	kfree(p);
	p = ERR_PTR(-ENOMEM);
	kfree(p);
	return 0;
}

static void __exit krealloc_freed_exit(void)
{
	pr_info("krealloc_freed: exit\n");
}

module_init(krealloc_freed_init);
module_exit(krealloc_freed_exit);
MODULE_LICENSE("GPL");
