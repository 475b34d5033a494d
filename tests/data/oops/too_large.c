// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/gfp.h>
static volatile int order = 11;

static int __init too_large_init(void)
{
	pr_info("pages: %d\n", alloc_pages(GFP_KERNEL, order) != NULL);
	pr_info("again: %d\n", alloc_pages(GFP_KERNEL, order) != NULL);
	pr_info("kmalloc: %d\n", kmalloc(8 << 20, GFP_KERNEL) != NULL);
	return 0;
}

static void __exit too_large_exit(void)
{
	pr_info("too_large: exit\n");
}

module_init(too_large_init);
module_exit(too_large_exit);
MODULE_LICENSE("GPL");
