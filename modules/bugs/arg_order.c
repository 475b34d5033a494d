// SPDX-License-Identifier: GPL-2.0
/* The order is computed from a size in bytes as if it were one in pages. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#define SIZE (64 * 1024)

static struct page *pages;
static unsigned int order;

static int __init area_init(void)
{
	order = ilog2(SIZE);
	pages = alloc_pages(GFP_KERNEL, order);	/* finds: bad-argument */
	if (!pages) {
		pr_info("no area of order %u\n", order);
		return -ENOMEM;
	}
	pr_info("area of order %u\n", order);
	return 0;
}

static void __exit area_exit(void)
{
	__free_pages(pages, order);
	pr_info("exit\n");
}

module_init(area_init);
module_exit(area_exit);
MODULE_DESCRIPTION("More pages at once than there can be");
MODULE_LICENSE("GPL");
