// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/list.h>
static LIST_HEAD(pages);

static int __init atomic_direct_init(void)
{
	struct page *page;

	while ((page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 10)))
		list_add(&page->lru, &pages);
	pr_info("%d\n", alloc_pages(__GFP_ATOMIC | __GFP_DIRECT_RECLAIM | __GFP_NORETRY, 10) != NULL);
	return 0;
}

static void __exit atomic_direct_exit(void)
{
	pr_info("atomic_direct: exit\n");
}

module_init(atomic_direct_init);
module_exit(atomic_direct_exit);
MODULE_LICENSE("GPL");
