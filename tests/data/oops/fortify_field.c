// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/string.h>
struct box { char small[8]; char rest[64]; };
static struct box box;
static char from[64];
static volatile unsigned long n = 20;

static int __init fortify_field_init(void)
{
	memcpy(box.small, from, n);
	pr_info("after\n");
	return 0;
}

static void __exit fortify_field_exit(void)
{
	pr_info("fortify_field: exit\n");
}

module_init(fortify_field_init);
module_exit(fortify_field_exit);
MODULE_LICENSE("GPL");
