// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: printk: strings, their precisions, bad pointers
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>

#pragma GCC diagnostic ignored "-Wformat"

static int __init printk_strings_init(void)
{
	char *none = NULL, unterminated[3] = { 'x', 'y', 'z' };

	pr_info("[%s] [%10s] [%-10s] [%.2s] [%10.2s] [%-10.2s] [%.0s]\n", "abc", "abc", "abc", "abc", "abc", "abc", "abc");
	pr_info("[%s] [%10s] [%.3s]\n", none, none, none);
	pr_info("[%s] [%s]\n", (char *)8, (char *)ERR_PTR(-EINVAL));
	pr_info("[%*s] [%-*s] [%*s] [%.*s] [%.*s]\n", 5, "a", 5, "b", -5, "c", 2, "dddd", -2, "eeee");
	pr_info("[%.3s] [%.*s]\n", unterminated, 2, unterminated);
	pr_info("[%05s] [%+s] [%#s]\n", "x", "y", "z");
	pr_info("[%s]\n", "tab\there, bell\a, escape\033, high \303\244");
	return 0;
}

static void __exit printk_strings_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_strings_init);
module_exit(printk_strings_exit);
MODULE_DESCRIPTION("printk");
MODULE_LICENSE("GPL");
