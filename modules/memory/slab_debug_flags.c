// SPDX-License-Identifier: GPL-2.0
/*
 * SLAB_POISON and SLAB_RED_ZONE for one cache.
 *
 * SLAB_POISON fills free objects with 0x6b and a last byte 0xa5, so that use
 * before initialisation shows. SLAB_RED_ZONE puts bytes of 0xcc behind an object
 * that is in use, so that a write past its end is found when it is freed. Both
 * grow an object, and keep its cache from being merged with another.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define SIZE 24

static const struct {
	const char *name;
	slab_flags_t flags;
} cases[] = {
	{ "SLAB_POISON", SLAB_POISON },
	{ "SLAB_RED_ZONE", SLAB_RED_ZONE },
	{ "SLAB_POISON | SLAB_RED_ZONE", SLAB_POISON | SLAB_RED_ZONE },
	{ "SLAB_POISON | SLAB_RED_ZONE | SLAB_STORE_USER", SLAB_POISON | SLAB_RED_ZONE | SLAB_STORE_USER },
	{ "SLAB_CONSISTENCY_CHECKS", SLAB_CONSISTENCY_CHECKS },
};

static int show(const char *name, slab_flags_t flags)
{
	struct kmem_cache *cache = kmem_cache_create("slab_debug_flags-object", SIZE, 0, flags, NULL);
	u8 *obj;

	if (!cache)
		return -ENOMEM;
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!obj) {
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	pr_info("%s: kmem_cache_size %u, ksize %zu\n", name, kmem_cache_size(cache), ksize(obj));
	if (flags & SLAB_POISON)
		pr_info("fresh:     %*ph\n", SIZE, obj);	/* finds: info-leak, filled */
	if (flags & SLAB_RED_ZONE)
		pr_info("behind it: %*ph\n", 8, obj + SIZE);
	memset(obj, 'A', SIZE);
	kmem_cache_free(cache, obj);

	obj = kmem_cache_zalloc(cache, GFP_KERNEL);
	if (!obj) {
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	pr_info("zalloc:    %*ph\n", SIZE, obj);
	kmem_cache_free(cache, obj);
	kmem_cache_destroy(cache);
	return 0;
}

static int __init slab_debug_flags_init(void)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(cases) && !err; i++)
		err = show(cases[i].name, cases[i].flags);
	return err;
}

static void __exit slab_debug_flags_exit(void)
{
	pr_info("exit\n");
}

module_init(slab_debug_flags_init);
module_exit(slab_debug_flags_exit);
MODULE_DESCRIPTION("Poison and red zones of a slab cache");
MODULE_LICENSE("GPL");
