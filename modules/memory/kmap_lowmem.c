// SPDX-License-Identifier: GPL-2.0
/*
 * kmap(), kmap_local_page(), kmap_atomic() where there is no high memory.
 *
 * On x86-64 each page is in the direct map already, so all three return
 * page_address(). What they promise is kept nonetheless: kmap_atomic() disables
 * preemption and page faults until kunmap_atomic(), and mappings made by
 * kmap_local_page() are undone in reverse order.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static void show_context(const char *where)
{
	pr_info("%s: preempt_count %d, pagefault_disabled %d\n", where, preempt_count(), pagefault_disabled());
}

static void show_mappings(struct page *a, struct page *b)
{
	char *one, *two;

	one = kmap(a);
	pr_info("kmap == page_address: %d\n", one == page_address(a));
	strcpy(one, "written through kmap");
	kunmap(a);

	one = kmap_local_page(a);
	two = kmap_local_page(b);
	pr_info("kmap_local_page == page_address: %d, content \"%s\"\n", one == page_address(a), one);
	show_context("kmap_local_page");
	strcpy(two, one);
	kunmap_local(two);
	kunmap_local(one);

	one = kmap_atomic(b);
	pr_info("kmap_atomic == page_address: %d, content \"%s\"\n", one == page_address(b), one);
	show_context("kmap_atomic");
	kunmap_atomic(one);
	show_context("kunmap_atomic");
}

static void show_helpers(struct page *a, struct page *b)
{
	char text[8] = { };

	memcpy_to_page(a, 1000, "abcdefg", 8);
	copy_highpage(b, a);
	memcpy_from_page(text, b, 1002, 6);
	pr_info("memcpy_to_page, copy_highpage, memcpy_from_page: \"%s\"\n", text);
	memzero_page(a, 1001, 2);
	pr_info("memzero_page: %*ph\n", 6, page_address(a) + 1000);
	zero_user(b, 0, 4096);
	pr_info("zero_user: all zero %d\n", !memchr_inv(page_address(b), 0, PAGE_SIZE));
	clear_highpage(a);
	pr_info("clear_highpage: all zero %d\n", !memchr_inv(page_address(a), 0, PAGE_SIZE));
}

static int __init kmap_lowmem_init(void)
{
	struct page *a = alloc_page(GFP_HIGHUSER), *b = alloc_page(GFP_HIGHUSER);
	int err = -ENOMEM;

	if (a && b) {
		pr_info("PageHighMem: %d\n", PageHighMem(a));
		show_context("before");
		show_mappings(a, b);
		show_helpers(a, b);
		err = 0;
	}
	if (b)
		__free_page(b);
	if (a)
		__free_page(a);
	return err;
}

static void __exit kmap_lowmem_exit(void)
{
	pr_info("exit\n");
}

module_init(kmap_lowmem_init);
module_exit(kmap_lowmem_exit);
MODULE_DESCRIPTION("kmap and its relatives without high memory");
MODULE_LICENSE("GPL");
