// SPDX-License-Identifier: GPL-2.0
/*
 * Many single pages at once, and folios: alloc_pages_bulk_array(), folio_alloc().
 *
 * A folio is a page that is not the tail of a compound page; code that takes a
 * folio need not look for the head.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#define PAGES 40

static struct page *pages[PAGES];

static int bulk(void)
{
	unsigned long got;
	int i, zeroed = 1, counted = 1;

	/* Entries that are set already are left alone, and counted. */
	pages[3] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!pages[3])
		return -ENOMEM;
	got = alloc_pages_bulk_array(GFP_KERNEL | __GFP_ZERO, PAGES, pages);
	pr_info("alloc_pages_bulk_array(%d): %lu\n", PAGES, got);
	for (i = 0; i < got; i++) {
		zeroed &= !memchr_inv(page_address(pages[i]), 0, PAGE_SIZE);
		counted &= page_count(pages[i]) == 1;
	}
	pr_info("zeroed %d, each with a count of 1: %d\n", zeroed, counted);
	for (i = 0; i < PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
	return 0;
}

static int folios(unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, order);

	if (!folio)
		return -ENOMEM;
	pr_info("folio of order %u: folio_order %u, folio_size %zu, folio_nr_pages %ld, folio_ref_count %d\n", order,
		folio_order(folio), folio_size(folio), folio_nr_pages(folio), folio_ref_count(folio));
	pr_info("folio_test_large %d, folio_address is page_address %d, page_folio of its last page %d\n",
		folio_test_large(folio), folio_address(folio) == page_address(folio_page(folio, 0)),
		page_folio(folio_page(folio, (1 << order) - 1)) == folio);
	folio_get(folio);
	folio_put(folio);
	folio_put(folio);	/* the last reference frees all of it */
	return 0;
}

static int __init page_bulk_init(void)
{
	return bulk() ?: folios(0) ?: folios(3);
}

static void __exit page_bulk_exit(void)
{
	pr_info("exit\n");
}

module_init(page_bulk_init);
module_exit(page_bulk_exit);
MODULE_DESCRIPTION("Pages in bulk, and folios");
MODULE_LICENSE("GPL");
