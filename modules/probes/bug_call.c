// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: BUG() in init
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static bool yes = true;
module_param(yes, bool, 0);

static int __init bug_call_init(void)
{
	pr_info("before\n");
	BUG_ON(yes);	/* finds: bug */
	pr_info("after\n");
	return 0;
}

static void __exit bug_call_exit(void)
{
	pr_info("exit\n");
}

module_init(bug_call_init);
module_exit(bug_call_exit);
MODULE_DESCRIPTION("BUG() in init");
MODULE_LICENSE("GPL");
