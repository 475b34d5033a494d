// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static noinline int target(int x)
{
	return x + 3;
}
static int (*volatile f)(int) = target;

static int __init text_write_init(void)
{
	*(volatile char *)f = 0x90;
	pr_info("value %d\n", f(1));
	return 0;
}

static void __exit text_write_exit(void)
{
	pr_info("text_write: exit\n");
}

module_init(text_write_init);
module_exit(text_write_exit);
MODULE_LICENSE("GPL");
