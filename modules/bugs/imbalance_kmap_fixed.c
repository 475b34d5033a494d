// SPDX-License-Identifier: GPL-2.0
/* The page is mapped by kmap_atomic() and unmapped when it has been filled. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

static struct page *page;

static void fill(int byte)
{
	void *mapped = kmap_atomic(page);

	memset(mapped, byte, PAGE_SIZE);
	kunmap_atomic(mapped);
}

static int __init fill_init(void)
{
	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	fill(0x5a);
	pr_info("filled\n");
	return 0;
}

static void __exit fill_exit(void)
{
	__free_page(page);
	pr_info("exit\n");
}

module_init(fill_init);
module_exit(fill_exit);
MODULE_DESCRIPTION("kmap_atomic() without kunmap_atomic()");
MODULE_LICENSE("GPL");
