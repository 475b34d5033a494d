// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>


static int __init kfree_vmalloc_init(void)
{
	void *p = vmalloc(8192);

	kfree(p);
	vfree(p);
	return 0;
}

static void __exit kfree_vmalloc_exit(void)
{
	pr_info("kfree_vmalloc: exit\n");
}

module_init(kfree_vmalloc_init);
module_exit(kfree_vmalloc_exit);
MODULE_LICENSE("GPL");
