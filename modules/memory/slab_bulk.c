// SPDX-License-Identifier: GPL-2.0
/*
 * Many objects at once: kmem_cache_alloc_bulk(), kmem_cache_free_bulk().
 *
 * kmem_cache_alloc_bulk() returns the number of objects: all that were asked
 * for, or 0. kfree_bulk() and kfree() free objects of any cache.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define OBJECTS 50

struct object {
	long number;
	char text[40];
};

static struct kmem_cache *cache;
static struct object *objects[OBJECTS];

static int all_distinct(void)
{
	int i, j;

	for (i = 0; i < OBJECTS; i++)
		for (j = 0; j < i; j++)
			if (objects[i] == objects[j])
				return 0;
	return 1;
}

static int all_zero(void)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		if (memchr_inv(objects[i], 0, sizeof(struct object)))
			return 0;
	return 1;
}

static void dirty(void)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		memset(objects[i], 0xff, sizeof(struct object));
}

static int __init slab_bulk_init(void)
{
	int got, i;
	long sum = 0;

	cache = KMEM_CACHE(object, SLAB_HWCACHE_ALIGN);
	if (!cache)
		return -ENOMEM;
	got = kmem_cache_alloc_bulk(cache, GFP_KERNEL, OBJECTS, (void **)objects);
	pr_info("kmem_cache_alloc_bulk(%d) = %d\n", OBJECTS, got);
	if (!got)
		goto destroy;
	pr_info("distinct: %d\n", all_distinct());
	for (i = 0; i < OBJECTS; i++)
		objects[i]->number = i;
	for (i = 0; i < OBJECTS; i++)
		sum += objects[i]->number;
	pr_info("sum of the numbers: %ld\n", sum);
	dirty();
	kmem_cache_free_bulk(cache, OBJECTS, (void **)objects);

	got = kmem_cache_alloc_bulk(cache, GFP_KERNEL | __GFP_ZERO, OBJECTS, (void **)objects);
	pr_info("with __GFP_ZERO: %d, zeroed: %d\n", got, got ? all_zero() : 0);
	if (!got)
		goto destroy;
	kfree_bulk(OBJECTS - 1, (void **)objects);
	kfree(objects[OBJECTS - 1]);
	pr_info("kmem_cache_shrink: %d\n", kmem_cache_shrink(cache));
	return 0;

destroy:
	kmem_cache_destroy(cache);
	return -ENOMEM;
}

static void __exit slab_bulk_exit(void)
{
	kmem_cache_destroy(cache);
	kmem_cache_destroy(NULL);	/* is allowed */
	pr_info("exit\n");
}

module_init(slab_bulk_init);
module_exit(slab_bulk_exit);
MODULE_DESCRIPTION("Slab objects allocated and freed in bulk");
MODULE_LICENSE("GPL");
