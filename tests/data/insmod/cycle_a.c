// SPDX-License-Identifier: GPL-2.0
/* Depends on cycle_b, which depends on this one: neither can be loaded. */
#include <linux/module.h>

int cycle_b_function(void);

int cycle_a_function(void)
{
	return 1;
}
EXPORT_SYMBOL(cycle_a_function);

static int __init cycle_a_init(void)
{
	return cycle_b_function() - 1;
}

static void __exit cycle_a_exit(void)
{
}

module_init(cycle_a_init);
module_exit(cycle_a_exit);
MODULE_LICENSE("GPL");
