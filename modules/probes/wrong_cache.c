// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: an object is freed to another cache
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static int __init wrong_cache_init(void)
{
	struct kmem_cache *one = kmem_cache_create("wrong_cache-one", 344, 0, SLAB_POISON, NULL);
	struct kmem_cache *two = kmem_cache_create("wrong_cache-two", 344, 0, SLAB_POISON, NULL);
	void *p = kmem_cache_alloc(one, GFP_KERNEL);	/* finds: null-deref, when kmem_cache_create fails */

	kmem_cache_free(two, p);	/* finds: mismatched-free; null-deref, when kmem_cache_create fails; invalid-free, when kmem_cache_alloc fails; page-fault, when kmem_cache_alloc fails */
	pr_info("freed to the wrong one\n");
	kmem_cache_destroy(two);
	kmem_cache_destroy(one);
	return 0;
}

static void __exit wrong_cache_exit(void)
{
	pr_info("exit\n");
}

module_init(wrong_cache_init);
module_exit(wrong_cache_exit);
MODULE_DESCRIPTION("an object is freed to another cache");
MODULE_LICENSE("GPL");
