// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>

static char *volatile s = (char *)0xdead000000000100UL;

static int __init printk_bad_init(void)
{
	pr_info("%s\n", s);
	s = (char *)8;
	pr_info("%s\n", s);
	pr_info("%pM\n", s);
	pr_info("%q\n", s);
	return 0;
}

static void __exit printk_bad_exit(void)
{
	pr_info("printk_bad: exit\n");
}

module_init(printk_bad_init);
module_exit(printk_bad_exit);
MODULE_LICENSE("GPL");
