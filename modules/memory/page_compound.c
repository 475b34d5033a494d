// SPDX-License-Identifier: GPL-2.0
/*
 * Compound pages: a block of 2^order pages that knows that it is one.
 *
 * Without __GFP_COMP the pages of a block are strangers to each other, and only
 * whoever allocated the block knows its order. With __GFP_COMP the first page
 * is the head, which stores the order, and each tail page points to the head.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#define ORDER 2

static void show(const char *what, struct page *page)
{
	int i;

	for (i = 0; i < 1 << ORDER; i++)
		pr_info("%s, page %d: compound %d, head %d, tail %d, count %d, compound_head is page %ld\n", what, i,
			!!PageCompound(page + i), !!PageHead(page + i), !!PageTail(page + i), page_ref_count(page + i),
			(long)(compound_head(page + i) - page));
	pr_info("%s: compound_order %u, compound_nr %lu, page_size %lu\n", what,
		compound_order(page), compound_nr(page), page_size(page));
}

static int show_pages(const char *what, gfp_t gfp)
{
	struct page *page = alloc_pages(gfp, ORDER);

	if (!page)
		return -ENOMEM;
	show(what, page);
	__free_pages(page, ORDER);
	return 0;
}

/* kmalloc() takes compound pages for what is too large for its caches, and kfree() learns the size from the head. */
static int show_large_kmalloc(void)
{
	void *mem = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);
	struct page *page;

	if (!mem)
		return -ENOMEM;
	page = virt_to_head_page(mem + 2 * PAGE_SIZE);
	pr_info("kmalloc(12288): starts at its head page %d, slab %d, order %u, ksize %zu\n",
		page_address(page) == mem, !!PageSlab(page), compound_order(page), ksize(mem));
	kfree(mem);
	return 0;
}

static int __init page_compound_init(void)
{
	int err;

	err = show_pages("plain", GFP_KERNEL);
	if (!err)
		err = show_pages("__GFP_COMP", GFP_KERNEL | __GFP_COMP);
	if (!err)
		err = show_large_kmalloc();
	return err;
}

static void __exit page_compound_exit(void)
{
	pr_info("exit\n");
}

module_init(page_compound_init);
module_exit(page_compound_exit);
MODULE_DESCRIPTION("Compound pages beside plain blocks of pages");
MODULE_LICENSE("GPL");
