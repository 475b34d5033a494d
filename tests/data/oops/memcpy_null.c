// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/string.h>
static void *volatile s;
static volatile int n = 32;
static char buf[64];

static int __init memcpy_null_init(void)
{
	memcpy(buf, s, n);
	return 0;
}

static void __exit memcpy_null_exit(void)
{
	pr_info("memcpy_null: exit\n");
}

module_init(memcpy_null_init);
module_exit(memcpy_null_exit);
MODULE_LICENSE("GPL");
