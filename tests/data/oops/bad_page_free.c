// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>


static int __init bad_page_free_init(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	__free_pages(page + 1, 0);
	free_pages((unsigned long)page_address(page), 1);
	put_page(page);
	kfree(kmalloc(8192, GFP_KERNEL) + 4096);
	return 0;
}

static void __exit bad_page_free_exit(void)
{
	pr_info("bad_page_free: exit\n");
}

module_init(bad_page_free_init);
module_exit(bad_page_free_exit);
MODULE_LICENSE("GPL");
