// SPDX-License-Identifier: GPL-2.0
/*
 * What a cache with SLAB_RED_ZONE and SLAB_POISON reports: this module is WRONG on purpose.
 *
 * It writes one byte behind an object: found when the object is freed. The kernel
 * repairs the red zone but does not trust the object any more, which stays
 * allocated; so kmem_cache_destroy() complains as well. Then it writes into an
 * object that is free: found when its slab is given back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#define SIZE 32

static struct kmem_cache *create(const char *name)
{
	return kmem_cache_create(name, SIZE, 0, SLAB_RED_ZONE | SLAB_POISON | SLAB_CONSISTENCY_CHECKS, NULL);
}

static noinline int red_zone(void)
{
	struct kmem_cache *cache = create("slab_reports-red-zone");
	char *obj;

	if (!cache)
		return -ENOMEM;
	pr_info("a byte behind the object:\n");
	obj = kmem_cache_zalloc(cache, GFP_KERNEL);
	if (obj) {
		obj[SIZE] = 1;
		kmem_cache_free(cache, obj);	/* finds: out-of-bounds */
	}
	pr_info("kmem_cache_destroy:\n");
	kmem_cache_destroy(cache);	/* finds: leak */
	return 0;
}

static int poison(void)
{
	struct kmem_cache *cache = create("slab_reports-poison");
	char *obj;

	if (!cache)
		return -ENOMEM;
	pr_info("a byte in a free object:\n");
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	if (obj) {
		kmem_cache_free(cache, obj);
		obj[3] = 'x';
	}
	kmem_cache_shrink(cache);	/* finds: use-after-free */
	pr_info("kmem_cache_destroy:\n");
	kmem_cache_destroy(cache);
	return 0;
}

static int __init slab_reports_init(void)
{
	return red_zone() ?: poison();
}

static void __exit slab_reports_exit(void)
{
	pr_info("exit\n");
}

module_init(slab_reports_init);
module_exit(slab_reports_exit);
MODULE_DESCRIPTION("Reports of the slab allocator");
MODULE_LICENSE("GPL");
