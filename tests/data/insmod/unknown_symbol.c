// SPDX-License-Identifier: GPL-2.0
/* Calls two functions and reads a variable that nobody exports; modpost: KBUILD_MODPOST_WARN=1. */
#include <linux/module.h>

int surely_not_exported(int);
void nor_is_this_one(void);
extern int and_no_such_variable;

static int __init unknown_symbol_init(void)
{
	nor_is_this_one();
	return surely_not_exported(and_no_such_variable);
}

module_init(unknown_symbol_init);
MODULE_LICENSE("GPL");
