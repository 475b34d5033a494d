// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/list.h>
static LIST_HEAD(pages);

static int __init exhaust_slab_init(void)
{
	struct page *page;

	while ((page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN | __GFP_HIGH, 0)))
		list_add(&page->lru, &pages);
	while (kmalloc(64, GFP_ATOMIC))
		;
	pr_info("kmalloc: none\n");
	while (!list_empty(&pages)) {
		page = list_first_entry(&pages, struct page, lru);
		list_del(&page->lru);
		__free_pages(page, 0);
	}
	return 0;
}

static void __exit exhaust_slab_exit(void)
{
	pr_info("exhaust_slab: exit\n");
}

module_init(exhaust_slab_init);
module_exit(exhaust_slab_exit);
MODULE_LICENSE("GPL");
