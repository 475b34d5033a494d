// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/list.h>
static LIST_HEAD(pages);

static int __init exhaust_atomic_init(void)
{
	struct page *page;

	while ((page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN | __GFP_HIGH, 10)))
		list_add(&page->lru, &pages);
	pr_info("atomic: %d\n", alloc_pages(GFP_ATOMIC, 10) != NULL);
	pr_info("again: %d\n", alloc_pages(GFP_ATOMIC, 10) != NULL);
	while (!list_empty(&pages)) {
		page = list_first_entry(&pages, struct page, lru);
		list_del(&page->lru);
		__free_pages(page, 10);
	}
	return 0;
}

static void __exit exhaust_atomic_exit(void)
{
	pr_info("exhaust_atomic: exit\n");
}

module_init(exhaust_atomic_init);
module_exit(exhaust_atomic_exit);
MODULE_LICENSE("GPL");
