// SPDX-License-Identifier: GPL-2.0
/*
 * Where a later page cannot be had, the common clean-up frees all pages, also those that were never
 * allocated.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#define PAGES 3

static struct page *pages[PAGES];
static unsigned long pfns[PAGES];

static void pages_free(void)
{
	int i;

	for (i = 0; i < PAGES; i++)
		__free_page(pages[i]);	/* finds: null-deref, when alloc_page fails */
	pr_info("pages freed\n");
}

static int __init pages_init(void)
{
	int i;

	for (i = 0; i < PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		if (!pages[i]) {
			pages_free();
			return -ENOMEM;
		}
		pfns[i] = page_to_pfn(pages[i]);
	}
	pr_info("%d pages, all different %d\n", PAGES, pfns[0] != pfns[1] && pfns[1] != pfns[2]);
	return 0;
}

static void __exit pages_exit(void)
{
	pages_free();
	pr_info("exit\n");
}

module_init(pages_init);
module_exit(pages_exit);
MODULE_DESCRIPTION("Cleaning up as if all had succeeded");
MODULE_LICENSE("GPL");
