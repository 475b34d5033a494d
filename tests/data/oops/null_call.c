// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static void (*volatile f)(void);

static int __init null_call_init(void)
{
	f();
	return 0;
}

static void __exit null_call_exit(void)
{
	pr_info("null_call: exit\n");
}

module_init(null_call_init);
module_exit(null_call_exit);
MODULE_LICENSE("GPL");
