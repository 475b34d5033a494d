// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>


static int __init cache_exists_init(void)
{
	struct kmem_cache *a = kmem_cache_create("boxes", 8, 0, SLAB_POISON, NULL);
	struct kmem_cache *b = kmem_cache_create("twice", 4200000, 0, 0, NULL);
	struct kmem_cache *c = kmem_cache_create(NULL, 8, 0, 0, NULL);

	pr_info("%d %d %d\n", a != NULL, b != NULL, c != NULL);
	kmem_cache_destroy(a);
	return 0;
}

static void __exit cache_exists_exit(void)
{
	pr_info("cache_exists: exit\n");
}

module_init(cache_exists_init);
module_exit(cache_exists_exit);
MODULE_LICENSE("GPL");
