// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int n = 7;

static int __init warn_once_init(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		pr_info("on_once %d\n", WARN_ON_ONCE(n == 7));
		pr_info("once %d\n", WARN_ONCE(n == 7, "the number is %d\n", n));
	}
	WARN_TAINT(n == 7, TAINT_CRAP, "tainted with C\n");
	WARN_ON(n == 7);
	return 0;
}

static void __exit warn_once_exit(void)
{
	pr_info("warn_once: exit\n");
}

module_init(warn_once_init);
module_exit(warn_once_exit);
MODULE_LICENSE("GPL");
