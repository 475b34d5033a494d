// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: unusual gfp flags: constructors and zeroing, zones, highmem, bad combinations
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

static int __init gfp_corners_init(void)
{
	struct kmem_cache *plain = kmem_cache_create("gfp_corners-plain", 40, 0, 0, NULL);
	struct kmem_cache *dma = kmem_cache_create("gfp_corners-dma", 40, 0, SLAB_CACHE_DMA, NULL);
	struct page *page;
	void *p;

	p = kmem_cache_alloc(plain, GFP_KERNEL | __GFP_ZERO);	/* finds: null-deref, when kmem_cache_create fails */
	pr_info("zeroed %d\n", !memchr_inv(p, 0, 40));	/* finds: null-deref, when kmem_cache_alloc fails */
	kmem_cache_free(plain, p);
	p = kmem_cache_zalloc(dma, GFP_KERNEL);
	pr_info("zone of a DMA cache %d\n", page_zonenum(virt_to_page(p)));	/* finds: page-fault, when kmem_cache_zalloc fails */
	kmem_cache_free(dma, p);
	p = kmalloc(100, GFP_KERNEL | GFP_DMA);
	pr_info("zone of a DMA kmalloc %d\n", page_zonenum(virt_to_page(p)));	/* finds: page-fault, when kmalloc fails */
	kfree(p);
	page = alloc_page(GFP_KERNEL | __GFP_DMA32);
	pr_info("zone of a DMA32 page %d\n", page_zonenum(page));	/* finds: null-deref, when alloc_page fails */
	__free_page(page);
	page = alloc_page(GFP_HIGHUSER);
	pr_info("zone of a highuser page %d\n", page_zonenum(page));	/* finds: null-deref, when alloc_page fails */
	__free_page(page);
	page = alloc_page(GFP_HIGHUSER_MOVABLE);
	pr_info("zone of a movable page %d\n", page_zonenum(page));	/* finds: null-deref, when alloc_page fails */
	__free_page(page);
	page = alloc_pages_node(0, GFP_NOWAIT | __GFP_THISNODE, 3);
	pr_info("node %d\n", page_to_nid(page));	/* finds: null-deref, when alloc_pages_node fails */
	__free_pages(page, 3);
	p = (void *)get_zeroed_page(GFP_ATOMIC);
	pr_info("zeroed page %d\n", !memchr_inv(p, 0, PAGE_SIZE));
	free_page((unsigned long)p);
	free_page(0);
	kmem_cache_destroy(dma);
	kmem_cache_destroy(plain);
	kmem_cache_destroy(NULL);
	return 0;
}

static void __exit gfp_corners_exit(void)
{
	pr_info("exit\n");
}

module_init(gfp_corners_init);
module_exit(gfp_corners_exit);
MODULE_DESCRIPTION("unusual gfp flags");
MODULE_LICENSE("GPL");
