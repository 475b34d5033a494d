// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: how often a constructor is called, and what an object holds after it was freed
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static int calls;

static void construct(void *object)
{
	calls++;
	memset(object, 0, 256);
	*(int *)object = 7;
}

static int __init ctor_calls_init(void)
{
	struct kmem_cache *cache = kmem_cache_create("ctor_calls", 256, 0, 0, construct);
	int *p[40];

	pr_info("created: %d\n", calls);
	p[0] = kmem_cache_alloc(cache, GFP_KERNEL);	/* finds: null-deref, when kmem_cache_create fails */
	pr_info("first: %d calls, value %d\n", calls, *p[0]);	/* finds: null-deref, when kmem_cache_alloc fails */
	*p[0] = 99;
	kmem_cache_free(cache, p[0]);
	p[1] = kmem_cache_alloc(cache, GFP_KERNEL);
	pr_info("again: %d calls, the same object %d, value %d\n", calls, p[0] == p[1], *p[1]);	/* finds: null-deref, when kmem_cache_alloc fails */
	kmem_cache_free(cache, p[1]);
	for (int i = 0; i < 40; i++)
		p[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	pr_info("forty: %d\n", calls);
	for (int i = 0; i < 40; i++)
		kmem_cache_free(cache, p[i]);	/* finds: invalid-free, when kmem_cache_alloc fails; page-fault, when kmem_cache_alloc fails */
	kmem_cache_shrink(cache);
	p[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	pr_info("after shrinking: %d\n", calls);
	kmem_cache_free(cache, p[0]);	/* finds: invalid-free, when kmem_cache_alloc fails */
	kmem_cache_destroy(cache);
	return 0;
}

static void __exit ctor_calls_exit(void)
{
	pr_info("exit\n");
}

module_init(ctor_calls_init);
module_exit(ctor_calls_exit);
MODULE_DESCRIPTION("how often a constructor is called, and what an object holds after it was freed");
MODULE_LICENSE("GPL");
