// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>


static int __init vfree_kmalloc_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	vfree(p);
	kfree(p);
	return 0;
}

static void __exit vfree_kmalloc_exit(void)
{
	pr_info("vfree_kmalloc: exit\n");
}

module_init(vfree_kmalloc_init);
module_exit(vfree_kmalloc_exit);
MODULE_LICENSE("GPL");
