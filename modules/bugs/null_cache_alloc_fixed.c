// SPDX-License-Identifier: GPL-2.0
/* The object of the cache is checked. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct inode_info {
	u64 blocks;
	u32 links;
};

static struct kmem_cache *inodes;
static struct inode_info *root;

static int __init inodes_init(void)
{
	inodes = kmem_cache_create("null_cache_alloc_fixed", sizeof(*root), 0, 0, NULL);
	if (!inodes)
		return -ENOMEM;
	root = kmem_cache_alloc(inodes, GFP_KERNEL);
	if (!root) {
		kmem_cache_destroy(inodes);
		return -ENOMEM;
	}
	root->links = 1;	
	root->blocks = 8;
	pr_info("%llu blocks\n", root->blocks);
	return 0;
}

static void __exit inodes_exit(void)
{
	kmem_cache_free(inodes, root);
	kmem_cache_destroy(inodes);
	pr_info("exit\n");
}

module_init(inodes_init);
module_exit(inodes_exit);
MODULE_DESCRIPTION("An object of a cache that is not checked");
MODULE_LICENSE("GPL");
