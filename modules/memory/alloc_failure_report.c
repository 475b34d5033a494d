// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel logs when pages cannot be had, unless __GFP_NOWARN forbids it.
 *
 * An order that cannot exist is a bug of the caller: a warning, once in a boot. A
 * block that is not there is reported with the state of memory, but not more than
 * once in ten seconds; reports of vmalloc() count as well.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>

/* Takes blocks of the highest order until there are none; then the first attempt is reported. */
static void exhaust(void)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	struct list_head *block, *next;
	struct page *page;
	LIST_HEAD(blocks);

	while ((page = alloc_pages(quiet, MAX_ORDER - 1)))
		list_add(page_address(page), &blocks);
	page = alloc_pages(GFP_KERNEL | __GFP_NORETRY, MAX_ORDER - 1);
	pr_info("order %d: %s\n", MAX_ORDER - 1, page ? "a page" : "NULL");
	if (page)
		__free_pages(page, MAX_ORDER - 1);
	page = alloc_pages(GFP_NOWAIT | __GFP_ZERO, MAX_ORDER - 1);
	pr_info("order %d again: %s\n", MAX_ORDER - 1, page ? "a page" : "NULL");
	if (page)
		__free_pages(page, MAX_ORDER - 1);
	list_for_each_safe(block, next, &blocks)
		free_pages((unsigned long)block, MAX_ORDER - 1);
}

static int __init alloc_failure_report_init(void)
{
	pr_info("too high an order:\n");
	pr_info("%s\n", alloc_pages(GFP_KERNEL, MAX_ORDER) ? "a page" : "NULL");	/* finds: bad-argument */
	pr_info("again, but the warning comes once:\n");
	pr_info("%s\n", alloc_pages(GFP_KERNEL, MAX_ORDER) ? "a page" : "NULL");
	pr_info("a block of memory where there is none:\n");
	exhaust();
	return 0;
}

static void __exit alloc_failure_report_exit(void)
{
	pr_info("exit\n");
}

module_init(alloc_failure_report_init);
module_exit(alloc_failure_report_exit);
MODULE_DESCRIPTION("How failed allocations are reported");
MODULE_LICENSE("GPL");
