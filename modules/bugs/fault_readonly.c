// SPDX-License-Identifier: GPL-2.0
/* The name of the device is a constant, and its number is written into it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

static const char pattern[] = "disk0";

static noinline void number(char *name, int n)
{
	WRITE_ONCE(name[4], '0' + n);	/* finds: page-fault */
}

static int __init number_init(void)
{
	number((char *)pattern, 3);
	pr_info("%s\n", pattern);
	return 0;
}

static void __exit number_exit(void)
{
	pr_info("exit\n");
}

module_init(number_init);
module_exit(number_exit);
MODULE_DESCRIPTION("A constant that is changed");
MODULE_LICENSE("GPL");
