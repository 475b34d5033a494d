// SPDX-License-Identifier: GPL-2.0
/* An exit function, but no init function. */
#include <linux/module.h>

static void __exit no_init_exit(void)
{
	printk(KERN_INFO "no_init: exit\n");
}

module_exit(no_init_exit);
MODULE_LICENSE("GPL");
