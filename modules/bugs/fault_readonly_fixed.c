// SPDX-License-Identifier: GPL-2.0
/* The number is written into a copy of the name. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

static const char pattern[] = "disk0";
static char copy[sizeof(pattern)];

static noinline void number(char *name, int n)
{
	WRITE_ONCE(name[4], '0' + n);	
}

static int __init number_init(void)
{
	strscpy(copy, pattern, sizeof(copy));
	number(copy, 3);
	pr_info("%s\n", copy);
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
