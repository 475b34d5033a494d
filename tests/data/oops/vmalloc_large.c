// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/mm.h>
static volatile unsigned long huge = 1UL << 40;

static int __init vmalloc_large_init(void)
{
	pr_info("huge: %d\n", vmalloc(huge) != NULL);
	pr_info("zero: %d\n", vmalloc(huge - huge) != NULL);
	pr_info("kvmalloc: %d\n", kvmalloc(huge, GFP_KERNEL) != NULL);
	pr_info("all: %d\n", vmalloc(900UL << 20) != NULL);
	pr_info("nowarn: %d\n", __vmalloc(huge, GFP_KERNEL | __GFP_NOWARN) != NULL);
	pr_info("end\n");
	return 0;
}

static void __exit vmalloc_large_exit(void)
{
	pr_info("vmalloc_large: exit\n");
}

module_init(vmalloc_large_init);
module_exit(vmalloc_large_exit);
MODULE_LICENSE("GPL");
