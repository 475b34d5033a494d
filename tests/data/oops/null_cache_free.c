// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>


static int __init null_cache_free_init(void)
{
	kmem_cache_free(NULL, kmalloc(64, GFP_KERNEL));
	return 0;
}

static void __exit null_cache_free_exit(void)
{
	pr_info("null_cache_free: exit\n");
}

module_init(null_cache_free_init);
module_exit(null_cache_free_exit);
MODULE_LICENSE("GPL");
