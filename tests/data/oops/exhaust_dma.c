// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/list.h>
static LIST_HEAD(pages);

static int __init exhaust_dma_init(void)
{
	struct page *page;

	while ((page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN | GFP_DMA, 0)))
		list_add(&page->lru, &pages);
	pr_info("dma: %d\n", alloc_pages(GFP_DMA | GFP_ATOMIC, 0) != NULL);
	while (!list_empty(&pages)) {
		page = list_first_entry(&pages, struct page, lru);
		list_del(&page->lru);
		__free_pages(page, 0);
	}
	return 0;
}

static void __exit exhaust_dma_exit(void)
{
	pr_info("exhaust_dma: exit\n");
}

module_init(exhaust_dma_init);
module_exit(exhaust_dma_exit);
MODULE_LICENSE("GPL");
