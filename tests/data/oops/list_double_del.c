// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/slab.h>
static LIST_HEAD(head);
static LIST_HEAD(one);

static int __init list_double_del_init(void)
{
	list_add(&one, &head);
	list_del(&one);
	list_del(&one);
	return 0;
}

static void __exit list_double_del_exit(void)
{
	pr_info("list_double_del: exit\n");
}

module_init(list_double_del_init);
module_exit(list_double_del_exit);
MODULE_LICENSE("GPL");
