// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>


static int __init gfp_fix_init(void)
{
	struct kmem_cache *a = kmem_cache_create("boxes", 40, 0, SLAB_POISON, NULL);

	pr_info("%d\n", kmem_cache_alloc(a, GFP_KERNEL | __GFP_HIGHMEM) != NULL);
	pr_info("%d\n", kmalloc(8000, GFP_KERNEL | __GFP_DMA32) != NULL);
	return 0;
}

static void __exit gfp_fix_exit(void)
{
	pr_info("gfp_fix: exit\n");
}

module_init(gfp_fix_init);
module_exit(gfp_fix_exit);
MODULE_LICENSE("GPL");
