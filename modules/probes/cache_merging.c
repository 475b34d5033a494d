// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: which caches SLUB merges with which
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static void touch(void *object)
{
	memset(object, 1, 8);
}

static int __init cache_merging_init(void)
{
	struct kmem_cache *c[8] = {
		kmem_cache_create("cache_merging-a", 344, 0, 0, NULL),
		kmem_cache_create("cache_merging-b", 344, 0, 0, NULL),
		kmem_cache_create("cache_merging-c", 340, 0, 0, NULL),
		kmem_cache_create("cache_merging-d", 344, 0, SLAB_HWCACHE_ALIGN, NULL),
		kmem_cache_create("cache_merging-e", 344, 0, SLAB_RECLAIM_ACCOUNT, NULL),
		kmem_cache_create("cache_merging-f", 344, 0, 0, touch),
		kmem_cache_create("cache_merging-g", 344, 16, 0, NULL),
		kmem_cache_create("cache_merging-h", 344, 0, SLAB_TYPESAFE_BY_RCU, NULL),
	};

	for (int i = 0; i < 8; i++) {
		int same = 0;

		while (c[same] != c[i])
			same++;
		pr_info("%c is %c, size %u\n", 'a' + i, 'a' + same, kmem_cache_size(c[i]));	/* finds: null-deref, when kmem_cache_create fails */
	}
	for (int i = 7; i >= 0; i--)
		kmem_cache_destroy(c[i]);
	return 0;
}

static void __exit cache_merging_exit(void)
{
	pr_info("exit\n");
}

module_init(cache_merging_init);
module_exit(cache_merging_exit);
MODULE_DESCRIPTION("which caches SLUB merges with which");
MODULE_LICENSE("GPL");
