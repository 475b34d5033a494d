// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: printk: continued, empty, split and too long lines
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init printk_lines_init(void)
{
	static char big[1500];

	memset(big, 'x', sizeof(big) - 1);
	pr_info("one");
	pr_cont(" two");
	pr_cont(" three\n");
	pr_info("no newline");
	pr_info("after it\n");
	pr_info("first\nsecond\n");
	pr_info("\n");
	printk("no level\n");
	printk(KERN_DEFAULT "default level\n");
	printk(KERN_CONT "cont after a whole line\n");
	pr_info("a"); printk(KERN_CONT "b"); pr_warn("c\n");
	printk("");
	printk(KERN_INFO "");
	pr_info("%s\n", big);
	printk(KERN_ALERT KERN_INFO "two levels\n");
	printk("level in " KERN_ERR "the middle\n");
	pr_info_once("once\n");
	for (int i = 0; i < 3; i++)
		pr_info_once("once in a loop %d\n", i);
	return 0;
}

static void __exit printk_lines_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_lines_init);
module_exit(printk_lines_exit);
MODULE_DESCRIPTION("printk");
MODULE_LICENSE("GPL");
