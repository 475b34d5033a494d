// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>


static int __init exact_comp_init(void)
{
	void *p = alloc_pages_exact(5000, GFP_KERNEL | __GFP_COMP);

	free_pages_exact(p, 5000);
	return 0;
}

static void __exit exact_comp_exit(void)
{
	pr_info("exact_comp: exit\n");
}

module_init(exact_comp_init);
module_exit(exact_comp_exit);
MODULE_LICENSE("GPL");
