// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>


static int __init int3_init(void)
{
	asm volatile("int3");
	pr_info("int3: passed\n");
	return 0;
}

static void __exit int3_exit(void)
{
	pr_info("int3: exit\n");
}

module_init(int3_init);
module_exit(int3_exit);
MODULE_LICENSE("GPL");
