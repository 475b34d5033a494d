// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/string.h>
static char small[8];
static char *volatile text = "rather a long text for eight bytes";

static int __init fortify_strcpy_init(void)
{
	strcpy(small, text);
	return 0;
}

static void __exit fortify_strcpy_exit(void)
{
	pr_info("fortify_strcpy: exit\n");
}

module_init(fortify_strcpy_init);
module_exit(fortify_strcpy_exit);
MODULE_LICENSE("GPL");
