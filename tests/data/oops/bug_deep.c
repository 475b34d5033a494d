// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int depth = 3;
static noinline int third(int x)
{
	BUG_ON(x == depth);
	return x;
}

static noinline int second(int x)
{
	return third(x + 1) + 1;
}

static noinline int first(int x)
{
	return second(x + 1) + 1;
}

static int __init bug_deep_init(void)
{
	return first(1);
	return 0;
}

static void __exit bug_deep_exit(void)
{
	pr_info("bug_deep: exit\n");
}

module_init(bug_deep_init);
module_exit(bug_deep_exit);
MODULE_LICENSE("GPL");
