// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/printk.h>


static int __init stack_dump_init(void)
{
	dump_stack();
	pr_info("after\n");
	return 0;
}

static void __exit stack_dump_exit(void)
{
	pr_info("stack_dump: exit\n");
}

module_init(stack_dump_init);
module_exit(stack_dump_exit);
MODULE_LICENSE("GPL");
