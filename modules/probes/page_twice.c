// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a page that is freed twice
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

static int __init page_twice_init(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);	/* finds: null-deref, when alloc_page fails */
	pr_info("freed\n");
	__free_page(page);	/* finds: double-free */
	pr_info("again\n");
	return 0;
}

static void __exit page_twice_exit(void)
{
	pr_info("exit\n");
}

module_init(page_twice_init);
module_exit(page_twice_exit);
MODULE_DESCRIPTION("a page that is freed twice");
MODULE_LICENSE("GPL");
