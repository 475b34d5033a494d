// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/gfp.h>


static int __init free_pages_wild_init(void)
{
	free_pages(0xffff800000001000UL, 0);
	return 0;
}

static void __exit free_pages_wild_exit(void)
{
	pr_info("free_pages_wild: exit\n");
}

module_init(free_pages_wild_init);
module_exit(free_pages_wild_exit);
MODULE_LICENSE("GPL");
