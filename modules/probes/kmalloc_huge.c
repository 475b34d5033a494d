// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: sizes that cannot be had, and who says so
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static unsigned long more = 1;
module_param(more, ulong, 0);

static int __init kmalloc_huge_init(void)
{
	pr_info("max %lu, cache %lu\n", KMALLOC_MAX_SIZE, KMALLOC_MAX_CACHE_SIZE);
	pr_info("quiet: %px\n", kmalloc(more + KMALLOC_MAX_SIZE, GFP_KERNEL | __GFP_NOWARN));
	pr_info("loud: %px\n", kmalloc(more + KMALLOC_MAX_SIZE, GFP_KERNEL));	/* finds: bad-argument */
	pr_info("again: %px\n", kmalloc(more + KMALLOC_MAX_SIZE, GFP_KERNEL));
	pr_info("pages: %px\n", alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_ORDER + more - 1));
	pr_info("free pages: %lx\n", __get_free_pages(GFP_KERNEL | __GFP_NOWARN, 20));
	pr_info("exact: %px\n", alloc_pages_exact(SIZE_MAX / 2 + more, GFP_KERNEL | __GFP_NOWARN));
	pr_info("kvmalloc: %px\n", kvmalloc(SIZE_MAX / 4 + more, GFP_KERNEL | __GFP_NOWARN));
	pr_info("vmalloc: %px\n", __vmalloc(SIZE_MAX / 4 + more, GFP_KERNEL | __GFP_NOWARN));
	return 0;
}

static void __exit kmalloc_huge_exit(void)
{
	pr_info("exit\n");
}

module_init(kmalloc_huge_init);
module_exit(kmalloc_huge_exit);
MODULE_DESCRIPTION("sizes that cannot be had, and who says so");
MODULE_LICENSE("GPL");
