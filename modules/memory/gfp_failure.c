// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail, and one that does not.
 *
 * A request for more than a block of the highest order, or for a block that is
 * not there, returns NULL. __GFP_NORETRY gives up early and without killing a
 * process, __GFP_NOWARN keeps the log clean, __GFP_NOFAIL never returns NULL
 * (and so must be used for little memory, and never in atomic context).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define TRY (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

static void too_large(void)
{
	void *mem;

	pr_info("alloc_pages(order %d): %s\n", MAX_ORDER, alloc_pages(TRY, MAX_ORDER) ? "a page" : "NULL");
	mem = kmalloc(KMALLOC_MAX_SIZE, TRY);
	pr_info("kmalloc(%lu): %s\n", KMALLOC_MAX_SIZE, mem ? "ok" : "NULL");
	kfree(mem);
	mem = kmalloc(KMALLOC_MAX_SIZE + 1, TRY);
	pr_info("kmalloc(%lu): %s\n", KMALLOC_MAX_SIZE + 1, mem ? "ok" : "NULL");
	kfree(mem);
	mem = __vmalloc(1UL << 40, TRY);
	pr_info("vmalloc(1 TiB): %s\n", mem ? "ok" : "NULL");
	vfree(mem);
}

/* Takes all blocks of the highest order, strings them on a list that lies in the blocks themselves, and frees them. */
static void until_exhausted(void)
{
	LIST_HEAD(blocks);
	struct list_head *block, *next;
	struct page *page;
	unsigned long taken = 0, freed = 0;

	while ((page = alloc_pages(TRY, MAX_ORDER - 1))) {
		list_add(page_address(page), &blocks);
		taken++;
	}
	pr_info("then alloc_pages(order %d) returned NULL; at least 100 blocks taken: %d\n", MAX_ORDER - 1, taken >= 100);

	list_for_each_safe(block, next, &blocks) {
		free_pages((unsigned long)block, MAX_ORDER - 1);
		freed++;
	}
	pr_info("all freed: %d\n", freed == taken);
	page = alloc_pages(TRY, MAX_ORDER - 1);
	pr_info("and alloc_pages(order %d) works again: %d\n", MAX_ORDER - 1, page != NULL);
	if (page)
		__free_pages(page, MAX_ORDER - 1);
}

static int __init gfp_failure_init(void)
{
	void *mem;

	too_large();
	until_exhausted();
	mem = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL);
	pr_info("__GFP_NOFAIL: %s\n", mem ? "ok" : "NULL");
	kfree(mem);
	return 0;
}

static void __exit gfp_failure_exit(void)
{
	pr_info("exit\n");
}

module_init(gfp_failure_init);
module_exit(gfp_failure_exit);
MODULE_DESCRIPTION("How allocations fail, and how they are asked to");
MODULE_LICENSE("GPL");
