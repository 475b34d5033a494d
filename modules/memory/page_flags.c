// SPDX-License-Identifier: GPL-2.0
/*
 * Flags of struct page, printed by %pGp.
 *
 * The upper bits of page->flags say where the page belongs: its node and zone.
 * The lower ones say what it is used for.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

static void show(const char *what, struct page *page)
{
	pr_info("%s: %pGp, count %d\n", what, &page->flags, page_count(page));
}

static int show_page(const char *what, gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	if (!page)
		return -ENOMEM;
	show(what, page);
	if (order)
		show("  its second page", page + 1);
	__free_pages(page, order);
	return 0;
}

static int show_kmalloc(const char *what, size_t size, gfp_t gfp)
{
	void *mem = kmalloc(size, gfp);

	if (!mem)
		return -ENOMEM;
	show(what, virt_to_head_page(mem));
	kfree(mem);
	return 0;
}

/* A driver may use some flags and page->private of a page that it owns. */
static int show_own_use(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	SetPageReserved(page);
	show("SetPageReserved", page);
	ClearPageReserved(page);
	set_page_private(page, 4711);
	SetPagePrivate(page);
	show("SetPagePrivate", page);
	pr_info("page_private %lu, PagePrivate %d, PageReserved %d\n", page_private(page), !!PagePrivate(page),
		!!PageReserved(page));
	ClearPagePrivate(page);
	set_page_private(page, 0);
	pr_info("PageUptodate: %d, ", PageUptodate(page));
	SetPageUptodate(page);
	pr_cont("then %d\n", PageUptodate(page));
	ClearPageUptodate(page);
	show("cleared", page);
	__free_page(page);
	return 0;
}

static int __init page_flags_show(void)
{
	int err;

	err = show_page("GFP_KERNEL", GFP_KERNEL, 0);
	if (!err)
		err = show_page("GFP_DMA", GFP_KERNEL | GFP_DMA, 0);
	if (!err)
		err = show_page("order 1", GFP_KERNEL, 1);
	if (!err)
		err = show_page("order 1, __GFP_COMP", GFP_KERNEL | __GFP_COMP, 1);
	if (!err)
		err = show_kmalloc("kmalloc(64)", 64, GFP_KERNEL);
	if (!err)
		err = show_kmalloc("kmalloc(4096)", 4096, GFP_KERNEL);
	if (!err)
		err = show_kmalloc("kmalloc(64, GFP_DMA)", 64, GFP_KERNEL | GFP_DMA);
	if (!err)
		err = show_kmalloc("kmalloc(16384)", 16384, GFP_KERNEL);
	show("the zero page", ZERO_PAGE(0));
	return err ?: show_own_use();
}

static void __exit page_flags_exit(void)
{
	pr_info("exit\n");
}

module_init(page_flags_show);
module_exit(page_flags_exit);
MODULE_DESCRIPTION("Flags of struct page");
MODULE_LICENSE("GPL");
