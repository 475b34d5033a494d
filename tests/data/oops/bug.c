// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>


static int __init bug_init(void)
{
	BUG();
	return 0;
}

static void __exit bug_exit(void)
{
	pr_info("bug: exit\n");
}

module_init(bug_init);
module_exit(bug_exit);
MODULE_LICENSE("GPL");
