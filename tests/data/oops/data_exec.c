// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static unsigned char code[16] = { 0xc3 };
static void (*volatile f)(void) = (void *)code;

static int __init data_exec_init(void)
{
	f();
	return 0;
}

static void __exit data_exec_exit(void)
{
	pr_info("data_exec: exit\n");
}

module_init(data_exec_init);
module_exit(data_exec_exit);
MODULE_LICENSE("GPL");
