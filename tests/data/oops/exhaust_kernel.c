// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/sched/signal.h>

static LIST_HEAD(pages);

static int __init exhaust_kernel_init(void)
{
	struct page *page;

	while ((page = alloc_page(GFP_KERNEL)))
		list_add(&page->lru, &pages);
	pr_info("signal pending: %d\n", signal_pending(current));
	pr_info("kmalloc: %d\n", kmalloc(64, GFP_KERNEL) != NULL);
	pr_info("again: %d\n", alloc_page(GFP_KERNEL) != NULL);
	while (!list_empty(&pages)) {
		page = list_first_entry(&pages, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
	return 0;
}

static void __exit exhaust_kernel_exit(void)
{
	pr_info("exhaust_kernel: exit\n");
}

module_init(exhaust_kernel_init);
module_exit(exhaust_kernel_exit);
MODULE_LICENSE("GPL");
