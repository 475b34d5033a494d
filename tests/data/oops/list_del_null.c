// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/slab.h>
static struct list_head one;

static int __init list_del_null_init(void)
{
	list_del(&one);
	return 0;
}

static void __exit list_del_null_exit(void)
{
	pr_info("list_del_null: exit\n");
}

module_init(list_del_null_init);
module_exit(list_del_null_exit);
MODULE_LICENSE("GPL");
