// SPDX-License-Identifier: GPL-2.0
/* Depends on cycle_a, which depends on this one: neither can be loaded. */
#include <linux/module.h>

int cycle_a_function(void);

int cycle_b_function(void)
{
	return 1;
}
EXPORT_SYMBOL(cycle_b_function);

static int __init cycle_b_init(void)
{
	return cycle_a_function() - 1;
}

static void __exit cycle_b_exit(void)
{
}

module_init(cycle_b_init);
module_exit(cycle_b_exit);
MODULE_LICENSE("GPL");
