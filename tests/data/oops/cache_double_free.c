// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>


static int __init cache_double_free_init(void)
{
	struct kmem_cache *a = kmem_cache_create("boxes", 40, 0, SLAB_POISON, NULL);
	void *p = kmem_cache_alloc(a, GFP_KERNEL);

	kmem_cache_free(a, p);
	kmem_cache_free(a, p);
	return 0;
}

static void __exit cache_double_free_exit(void)
{
	pr_info("cache_double_free: exit\n");
}

module_init(cache_double_free_init);
module_exit(cache_double_free_exit);
MODULE_LICENSE("GPL");
