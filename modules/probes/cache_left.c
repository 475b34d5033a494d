// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a cache is destroyed with an object in it, and created again
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static int __init cache_left_init(void)
{
	struct kmem_cache *one = kmem_cache_create("cache_left", 344, 0, SLAB_POISON, NULL);

	kmem_cache_alloc(one, GFP_KERNEL);	/* finds: leak; null-deref, when kmem_cache_create fails */
	kmem_cache_destroy(one);	/* finds: leak */
	pr_info("destroyed\n");
	one = kmem_cache_create("cache_left", 344, 0, SLAB_POISON, NULL);
	pr_info("again: %d\n", one != NULL);
	kmem_cache_destroy(one);
	return 0;
}

static void __exit cache_left_exit(void)
{
	pr_info("exit\n");
}

module_init(cache_left_init);
module_exit(cache_left_exit);
MODULE_DESCRIPTION("a cache is destroyed with an object in it, and created again");
MODULE_LICENSE("GPL");
