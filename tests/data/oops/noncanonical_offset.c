// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
struct box { long pad[3]; long value; };
static struct box *volatile p = (struct box *)0x6b6b6b6b6b6b6b6bUL;

static int __init noncanonical_offset_init(void)
{
	pr_info("value %ld\n", p->value);
	return 0;
}

static void __exit noncanonical_offset_exit(void)
{
	pr_info("noncanonical_offset: exit\n");
}

module_init(noncanonical_offset_init);
module_exit(noncanonical_offset_exit);
MODULE_LICENSE("GPL");
