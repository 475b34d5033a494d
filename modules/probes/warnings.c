// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: WARN, WARN_ON_ONCE and dump_stack: texts, results, and how often
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>

static bool yes = true;
module_param(yes, bool, 0);

static int __init warnings_init(void)
{
	pr_info("%d %d\n", WARN_ON(yes), WARN_ON(!yes));	/* finds: warn */
	pr_info("%d\n", WARN(yes, "with a text and %d\n", 5));	/* finds: warn */
	for (int i = 0; i < 3; i++)
		pr_info("%d\n", WARN_ON_ONCE(yes));	/* finds: warn */
	WARN_ONCE(yes, "once\n");	/* finds: warn */
	dump_stack();
	return 0;
}

static void __exit warnings_exit(void)
{
	pr_info("exit\n");
}

module_init(warnings_init);
module_exit(warnings_exit);
MODULE_DESCRIPTION("WARN, WARN_ON_ONCE and dump_stack");
MODULE_LICENSE("GPL");
