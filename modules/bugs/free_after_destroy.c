// SPDX-License-Identifier: GPL-2.0
/* exit destroys the cache first and gives its last object back afterwards. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct extent {
	u64 start;
	u64 length;
	u64 flags;
};

static struct kmem_cache *extents;
static struct extent *root;

static int __init extents_init(void)
{
	extents = kmem_cache_create("free_after_destroy", sizeof(*root), 0, 0, NULL);
	if (!extents)
		return -ENOMEM;
	root = kmem_cache_zalloc(extents, GFP_KERNEL);
	if (!root) {
		kmem_cache_destroy(extents);
		return -ENOMEM;
	}
	root->length = 4096;
	pr_info("root of %llu\n", root->length);
	return 0;
}

static void __exit extents_exit(void)
{
	kmem_cache_destroy(extents);	/* finds: leak, checked */
	kmem_cache_free(extents, root);
	pr_info("exit\n");
}

module_init(extents_init);
module_exit(extents_exit);
MODULE_DESCRIPTION("A cache that is destroyed before its objects are freed");
MODULE_LICENSE("GPL");
