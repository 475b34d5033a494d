// SPDX-License-Identifier: GPL-2.0
/*
 * Cache merging, seen from outside.
 *
 * SLUB gives two caches whose objects are laid out alike one and the same
 * struct kmem_cache. A constructor, or a flag that says something about the
 * lifetime of objects, keeps a cache on its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct spec {
	const char *what;
	unsigned int size, align;
	slab_flags_t flags;
	bool ctor;
};

static const struct spec reference = { "size 616", 616, 0, 0, false };

static const struct spec others[] = {
	{ "the same again", 616, 0, 0, false },
	{ "size 615 (rounded up to 616)", 615, 0, 0, false },
	{ "size 609", 609, 0, 0, false },
	{ "size 608", 608, 0, 0, false },
	{ "size 624", 624, 0, 0, false },
	{ "align 4", 616, 4, 0, false },
	{ "align 8", 616, 8, 0, false },
	{ "align 16", 616, 16, 0, false },
	{ "with constructor", 616, 0, 0, true },
	{ "SLAB_HWCACHE_ALIGN", 616, 0, SLAB_HWCACHE_ALIGN, false },
	{ "SLAB_PANIC", 616, 0, SLAB_PANIC, false },
	{ "SLAB_TYPESAFE_BY_RCU", 616, 0, SLAB_TYPESAFE_BY_RCU, false },
	{ "SLAB_RECLAIM_ACCOUNT", 616, 0, SLAB_RECLAIM_ACCOUNT, false },
	{ "SLAB_ACCOUNT", 616, 0, SLAB_ACCOUNT, false },
	{ "SLAB_CACHE_DMA", 616, 0, SLAB_CACHE_DMA, false },
	{ "SLAB_POISON", 616, 0, SLAB_POISON, false },
	{ "SLAB_MEM_SPREAD", 616, 0, SLAB_MEM_SPREAD, false },
};

static void construct(void *mem)
{
}

static struct kmem_cache *create(const char *name, const struct spec *spec)
{
	void (*ctor)(void *) = spec->ctor ? construct : NULL;

	return kmem_cache_create(name, spec->size, spec->align, spec->flags, ctor); /* finds: panic, when kmem_cache_create fails again */
}

static int __init slab_merge_init(void)
{
	struct kmem_cache *first = create("slab_merge-first", &reference), *other;
	int i;

	if (!first)
		return -ENOMEM;
	pr_info("first: %s\n", reference.what);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		other = create("slab_merge-other", &others[i]);
		if (!other)
			break;
		pr_info("%-28s merged %d, kmem_cache_size %u\n", others[i].what, other == first, kmem_cache_size(other));
		kmem_cache_destroy(other);
	}
	/* Destroying an alias only drops a reference: the first one still works. */
	kmem_cache_free(first, kmem_cache_alloc(first, GFP_KERNEL | __GFP_NOFAIL));
	kmem_cache_destroy(first);
	return i < ARRAY_SIZE(others) ? -ENOMEM : 0;
}

static void __exit slab_merge_exit(void)
{
	pr_info("exit\n");
}

module_init(slab_merge_init);
module_exit(slab_merge_exit);
MODULE_DESCRIPTION("Which slab caches are merged");
MODULE_LICENSE("GPL");
