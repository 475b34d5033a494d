// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
static void construct(void *p)
{
	*(long *)p = 1;
}

static int __init destroy_busy_init(void)
{
	struct kmem_cache *a = kmem_cache_create("boxes", 40, 0, 0, construct);
	void *p = kmem_cache_alloc(a, GFP_KERNEL);

	pr_info("%d\n", p != NULL);
	kmem_cache_destroy(a);
	return 0;
}

static void __exit destroy_busy_exit(void)
{
	pr_info("destroy_busy: exit\n");
}

module_init(destroy_busy_init);
module_exit(destroy_busy_exit);
MODULE_LICENSE("GPL");
