// SPDX-License-Identifier: GPL-2.0
/* An init function, but no exit function: can be loaded, never removed. */
#include <linux/module.h>

static int __init no_exit_init(void)
{
	printk(KERN_INFO "no_exit: init\n");
	return 0;
}

module_init(no_exit_init);
MODULE_LICENSE("GPL");
