// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>


static int __init nofail_large_init(void)
{
	pr_info("%d\n", alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 3) != NULL);
	pr_info("%d\n", alloc_pages(GFP_ATOMIC | __GFP_NOFAIL, 0) != NULL);
	return 0;
}

static void __exit nofail_large_exit(void)
{
	pr_info("nofail_large: exit\n");
}

module_init(nofail_large_init);
module_exit(nofail_large_exit);
MODULE_LICENSE("GPL");
