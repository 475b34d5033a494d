// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a module that needs what nothing exports is refused
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

int nobody_has_this(int value);
void nor_this(void);

static int __init unknown_symbol_init(void)
{
	pr_info("%d\n", nobody_has_this(1));
	nor_this();
	return 0;
}

static void __exit unknown_symbol_exit(void)
{
	pr_info("exit\n");
}

module_init(unknown_symbol_init);
module_exit(unknown_symbol_exit);
MODULE_DESCRIPTION("a module that needs what nothing exports is refused");
MODULE_LICENSE("GPL");
