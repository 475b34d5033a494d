// SPDX-License-Identifier: GPL-2.0
/*
 * Reference counts of pages: get_page(), put_page(), __free_page().
 *
 * A fresh page has one reference. put_page() drops one and frees the page with
 * the last; __free_page() is the same for an order-0 page, so it does NOT free
 * a page that somebody else still holds.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

static int single_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	pr_info("fresh: count %d, mapcount %d, mapped %d\n", page_count(page), page_mapcount(page), page_mapped(page));
	get_page(page);
	pr_info("get_page: %d\n", page_count(page));
	get_page(page);
	pr_info("get_page: %d\n", page_count(page));
	put_page(page);
	pr_info("put_page: %d\n", page_count(page));

	strcpy(page_address(page), "still here");
	__free_page(page);
	pr_info("__free_page with another user: count %d, content \"%s\"\n", page_count(page), (char *)page_address(page));
	put_page(page);		/* the last reference: now it is free */
	return 0;
}

/* All references to a compound page are counted in its head. */
static int compound(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);

	if (!page)
		return -ENOMEM;
	get_page(page + 1);
	pr_info("get_page(tail): page_count of head %d, of tail %d; raw count of tail %d\n",
		page_count(page), page_count(page + 1), page_ref_count(page + 1));
	put_page(page + 1);
	pr_info("put_page(tail): %d\n", page_count(page));
	__free_pages(page, 1);
	return 0;
}

/* split_page() makes 2^order independent pages of a plain block; each is freed on its own. */
static int split(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);
	int i;

	if (!page)
		return -ENOMEM;
	pr_info("order 2: counts %d %d %d %d\n", page_count(page), page_count(page + 1), page_count(page + 2),
		page_count(page + 3));
	split_page(page, 2);
	pr_info("split_page: counts %d %d %d %d\n", page_count(page), page_count(page + 1), page_count(page + 2),
		page_count(page + 3));
	for (i = 3; i >= 0; i--)
		__free_page(page + i);
	return 0;
}

static int __init page_refcount_init(void)
{
	int err;

	err = single_page();
	if (!err)
		err = compound();
	if (!err)
		err = split();
	return err;
}

static void __exit page_refcount_exit(void)
{
	pr_info("exit\n");
}

module_init(page_refcount_init);
module_exit(page_refcount_exit);
MODULE_DESCRIPTION("Reference counts of single, compound and split pages");
MODULE_LICENSE("GPL");
