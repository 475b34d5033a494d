// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>


static int __init wrong_cache_init(void)
{
	struct kmem_cache *a = kmem_cache_create("first", 72, 0, SLAB_POISON, NULL);
	struct kmem_cache *b = kmem_cache_create("second", 200, 0, SLAB_POISON, NULL);
	void *p = kmem_cache_alloc(a, GFP_KERNEL);

	kmem_cache_free(b, p);
	p = kmalloc(64, GFP_KERNEL);
	kmem_cache_free(a, p);
	p = (void *)__get_free_page(GFP_KERNEL);
	kmem_cache_free(a, p);
	kmem_cache_destroy(b);
	kmem_cache_destroy(a);
	return 0;
}

static void __exit wrong_cache_exit(void)
{
	pr_info("wrong_cache: exit\n");
}

module_init(wrong_cache_init);
module_exit(wrong_cache_exit);
MODULE_LICENSE("GPL");
