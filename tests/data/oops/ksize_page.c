// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>


static int __init ksize_page_init(void)
{
	void *p = (void *)__get_free_page(GFP_KERNEL);

	pr_info("%zu\n", ksize(p));
	p = krealloc(p, 8192, GFP_KERNEL);
	pr_info("%d\n", p != NULL);
	return 0;
}

static void __exit ksize_page_exit(void)
{
	pr_info("ksize_page: exit\n");
}

module_init(ksize_page_init);
module_exit(ksize_page_exit);
MODULE_LICENSE("GPL");
