// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/printk.h>
static volatile int n = 7;
static noinline int third(int x)
{
	WARN_ON(x == 3);
	return x + n;
}
static noinline int second(int x)
{
	return third(x + 1) + n;
}
static noinline int first(int x)
{
	return second(x + 1) + n;
}

static int __init deep_warn_init(void)
{
	pr_info("%d\n", first(1));
	dump_stack();
	return 0;
}

static void __exit deep_warn_exit(void)
{
	pr_info("deep_warn: exit\n");
}

module_init(deep_warn_init);
module_exit(deep_warn_exit);
MODULE_LICENSE("GPL");
