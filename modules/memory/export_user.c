// SPDX-License-Identifier: GPL-2.0
/*
 * Uses what export_provider.c exports: calls it, is called back, and shares a variable.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

extern int export_provider_adds;
int export_provider_add(int value);
int export_provider_sum(int (*weight)(int value));
int export_provider_users(void);

static int square(int value)
{
	return value * value;
}

static int __init export_user_init(void)
{
	int i, err;

	pr_info("the provider has %d user\n", export_provider_users());
	for (i = 1; i <= 4; i++) {
		err = export_provider_add(i);
		if (err)
			return err;
	}
	pr_info("adds %d, sum of squares %d\n", export_provider_adds, export_provider_sum(square));
	export_provider_adds = 100;
	err = export_provider_add(5);
	pr_info("adds %d, sum of squares %d\n", export_provider_adds, export_provider_sum(square));
	return err;
}

static void __exit export_user_exit(void)
{
	pr_info("exit, adds %d\n", export_provider_adds);
}

module_init(export_user_init);
module_exit(export_user_exit);
MODULE_DESCRIPTION("Uses another module's exports");
MODULE_LICENSE("GPL");
