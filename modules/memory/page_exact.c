// SPDX-License-Identifier: GPL-2.0
/*
 * Orders and exact sizes: get_order(), alloc_pages_exact().
 *
 * The buddy allocator knows powers of two only. alloc_pages_exact() takes the
 * next power of two, splits it into single pages, and gives back at once the
 * pages at the end that nobody asked for.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

static void show_orders(void)
{
	static const unsigned long sizes[] = { 1, 4096, 4097, 8192, 8193, 12288, 65536, 65537, 1 << 20, 4 << 20 };
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned long size = sizes[i];

		OPTIMIZER_HIDE_VAR(size);
		pr_info("get_order(%lu) = %d\n", size, get_order(size));
	}
}

static int show_exact(size_t size)
{
	void *mem = alloc_pages_exact(size, GFP_KERNEL | __GFP_ZERO);
	int i, single = 1, nr_pages = PAGE_ALIGN(size) / PAGE_SIZE;

	if (!mem)
		return -ENOMEM;
	for (i = 0; i < nr_pages; i++)
		single &= page_count(virt_to_page(mem) + i) == 1;
	pr_info("alloc_pages_exact(%zu): %d pages, each with a count of 1: %d, zeroed %d\n", size, nr_pages, single,
		!memchr_inv(mem, 0, size));
	free_pages_exact(mem, size);
	return 0;
}

/* A block can be freed in parts after split_page(), and the parts find each other again in the buddy allocator. */
static int free_in_parts(void)
{
	unsigned long virt = __get_free_pages(GFP_KERNEL, 3);
	int i;

	if (!virt)
		return -ENOMEM;
	split_page(virt_to_page(virt), 3);
	for (i = 0; i < 8; i += 2)
		free_page(virt + i * PAGE_SIZE);
	for (i = 1; i < 8; i += 2)
		free_page(virt + i * PAGE_SIZE);
	pr_info("a block of 8 pages freed page by page\n");
	return 0;
}

static int __init page_exact_init(void)
{
	int err;

	show_orders();
	err = show_exact(1);
	if (!err)
		err = show_exact(5 * PAGE_SIZE);
	if (!err)
		err = show_exact(100000);
	if (!err)
		err = free_in_parts();
	return err;
}

static void __exit page_exact_exit(void)
{
	pr_info("exit\n");
}

module_init(page_exact_init);
module_exit(page_exact_exit);
MODULE_DESCRIPTION("Page orders and exact numbers of pages");
MODULE_LICENSE("GPL");
