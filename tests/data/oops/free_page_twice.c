// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>
#include <linux/mm.h>


static int __init free_page_twice_init(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);
	__free_page(page);
	page = alloc_pages(GFP_KERNEL, 1);
	set_page_count(page, 0);
	__free_pages(page, 1);
	return 0;
}

static void __exit free_page_twice_exit(void)
{
	pr_info("free_page_twice: exit\n");
}

module_init(free_page_twice_init);
module_exit(free_page_twice_exit);
MODULE_LICENSE("GPL");
