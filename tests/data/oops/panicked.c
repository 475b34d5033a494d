// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>


static int __init panicked_init(void)
{
	panic("the module wants it: %d", 42);
	return 0;
}

static void __exit panicked_exit(void)
{
	pr_info("panicked: exit\n");
}

module_init(panicked_init);
module_exit(panicked_exit);
MODULE_LICENSE("GPL");
