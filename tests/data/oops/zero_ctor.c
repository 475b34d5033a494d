// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
static void construct(void *p)
{
	*(long *)p = 1;
}

static int __init zero_ctor_init(void)
{
	struct kmem_cache *a = kmem_cache_create("boxes", 40, 0, 0, construct);

	pr_info("%d\n", kmem_cache_alloc(a, GFP_KERNEL | __GFP_ZERO) != NULL);
	pr_info("%d\n", kmem_cache_alloc(NULL, GFP_KERNEL) != NULL);
	return 0;
}

static void __exit zero_ctor_exit(void)
{
	pr_info("zero_ctor: exit\n");
}

module_init(zero_ctor_init);
module_exit(zero_ctor_exit);
MODULE_LICENSE("GPL");
