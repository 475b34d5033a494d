// SPDX-License-Identifier: GPL-2.0
/*
 * What fresh memory holds that was not asked for zeroed.
 *
 * A module must not rely on it, but it explains what one sees: Debian's kernel
 * clears nearly all memory when it hands it out (CONFIG_INIT_ON_ALLOC_DEFAULT_ON),
 * so that old contents do not leak. A cache with a constructor, or one with
 * SLAB_TYPESAFE_BY_RCU, is left out, since its objects keep their state.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define SIZE 700
#define TIMES 100

static void construct(void *mem)
{
}

/* How many of many objects, each freed dirty before the next is taken, were all zero. */
static int count_zeroed(struct kmem_cache *cache, gfp_t gfp)
{
	int i, zeroed = 0;
	void *mem;

	for (i = 0; i < TIMES; i++) {
		mem = cache ? kmem_cache_alloc(cache, gfp) : kmalloc(SIZE, gfp);
		if (!mem)
			return -ENOMEM;
		zeroed += !memchr_inv(mem, 0, SIZE);
		memset(mem, 0xee, SIZE);
		kfree(mem);
	}
	return zeroed;
}

static int show_cache(const char *what, slab_flags_t flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = kmem_cache_create("init_on_alloc-object", SIZE, 0, flags, ctor);

	if (!cache)
		return -ENOMEM;
	pr_info("%s: %s zeroed\n", what, count_zeroed(cache, GFP_KERNEL) == TIMES ? "always" : "not always");	/* finds: uninitialized, filled */
	if (!ctor)	/* a constructor and __GFP_ZERO contradict each other */
		pr_info("%s, __GFP_ZERO: %s zeroed\n", what,
			count_zeroed(cache, GFP_KERNEL | __GFP_ZERO) == TIMES ? "always" : "not always");
	kmem_cache_destroy(cache);
	return 0;
}

static int show_pages(void)
{
	unsigned long virt;
	int i, zeroed = 0;
	void *mem;

	for (i = 0; i < TIMES; i++) {
		virt = __get_free_page(GFP_KERNEL);
		if (!virt)
			return -ENOMEM;
		zeroed += !memchr_inv((void *)virt, 0, PAGE_SIZE);
		memset((void *)virt, 0xee, PAGE_SIZE);
		free_page(virt);
	}
	pr_info("__get_free_page: %s zeroed\n", zeroed == TIMES ? "always" : "not always");	/* finds: uninitialized, filled */
	mem = vmalloc(PAGE_SIZE);
	if (!mem)
		return -ENOMEM;
	pr_info("vmalloc: zeroed %d\n", !memchr_inv(mem, 0, PAGE_SIZE));
	vfree(mem);
	return 0;
}

static int __init init_on_alloc_init(void)
{
	int err;

	pr_info("kmalloc: %s zeroed\n", count_zeroed(NULL, GFP_KERNEL) == TIMES ? "always" : "not always");	/* finds: uninitialized, filled */
	err = show_cache("cache", 0, NULL);
	if (!err)
		err = show_cache("SLAB_TYPESAFE_BY_RCU", SLAB_TYPESAFE_BY_RCU, NULL);
	if (!err)
		err = show_cache("cache with constructor", 0, construct);
	if (!err)
		err = show_pages();
	return err;
}

static void __exit init_on_alloc_exit(void)
{
	pr_info("exit\n");
}

module_init(init_on_alloc_init);
module_exit(init_on_alloc_exit);
MODULE_DESCRIPTION("Contents of memory that was not asked for zeroed");
MODULE_LICENSE("GPL");
