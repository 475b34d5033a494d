// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>


static int __init kfree_page_init(void)
{
	void *p = (void *)__get_free_page(GFP_KERNEL);

	kfree(p);
	p = (void *)__get_free_pages(GFP_KERNEL, 2);
	kfree(p);
	return 0;
}

static void __exit kfree_page_exit(void)
{
	pr_info("kfree_page: exit\n");
}

module_init(kfree_page_init);
module_exit(kfree_page_exit);
MODULE_LICENSE("GPL");
