// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/string.h>
static char *volatile s;
static char buf[8];

static int __init strcpy_null_init(void)
{
	pr_info("%zu\n", strlen(s));
	strcpy(buf, s);
	return 0;
}

static void __exit strcpy_null_exit(void)
{
	pr_info("strcpy_null: exit\n");
}

module_init(strcpy_null_init);
module_exit(strcpy_null_exit);
MODULE_LICENSE("GPL");
