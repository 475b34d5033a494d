// SPDX-License-Identifier: GPL-2.0
/* Where the second object cannot be had, the first one is freed before the cache is destroyed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct pair {
	u64 left;
	u64 right;
	u64 spare;
};

static struct kmem_cache *pairs;
static struct pair *one, *two;

static int __init pairs_init(void)
{
	pairs = kmem_cache_create("path_cache_first_fixed", sizeof(struct pair), 0, 0, NULL);
	if (!pairs)
		return -ENOMEM;
	one = kmem_cache_zalloc(pairs, GFP_KERNEL);	
	if (!one)
		goto destroy;
	two = kmem_cache_alloc(pairs, GFP_KERNEL);
	if (!two)
		goto free_one;
	two->left = one->left;
	pr_info("a pair\n");
	return 0;

free_one:
	kmem_cache_free(pairs, one);
destroy:
	kmem_cache_destroy(pairs);	
	return -ENOMEM;
}

static void __exit pairs_exit(void)
{
	kmem_cache_free(pairs, two);
	kmem_cache_free(pairs, one);
	kmem_cache_destroy(pairs);
	pr_info("exit\n");
}

module_init(pairs_init);
module_exit(pairs_exit);
MODULE_DESCRIPTION("A cache that is destroyed with the first object in it");
MODULE_LICENSE("GPL");
