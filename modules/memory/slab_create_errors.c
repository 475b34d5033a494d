// SPDX-License-Identifier: GPL-2.0
/*
 * What kmem_cache_create() makes of odd arguments.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static void construct(void *mem)
{
}

static void attempt(const char *what, unsigned int size, unsigned int align, slab_flags_t flags)
{
	struct kmem_cache *cache;

	pr_info("%s:\n", what);
	cache = kmem_cache_create("slab_create_errors-object", size, align, flags, construct);
	if (cache)
		pr_info("ok, kmem_cache_size %u\n", kmem_cache_size(cache));
	else
		pr_info("NULL\n");
	kmem_cache_destroy(cache);
}

static int __init slab_create_errors_init(void)
{
	attempt("size 1", 1, 0, 0);
	attempt("size 0", 0, 0, 0);
	attempt("size 4194304", 4 << 20, 0, 0);
	attempt("a flag that does not exist", 100, 0, (__force slab_flags_t)0x4U);
	return 0;
}

static void __exit slab_create_errors_exit(void)
{
	pr_info("exit\n");
}

module_init(slab_create_errors_init);
module_exit(slab_create_errors_exit);
MODULE_DESCRIPTION("Odd arguments of kmem_cache_create");
MODULE_LICENSE("GPL");
