// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/slab.h>
static LIST_HEAD(head);
static LIST_HEAD(one);
static LIST_HEAD(two);

static int __init list_add_broken_init(void)
{
	list_add(&one, &head);
	one.prev = &two;
	list_add(&two, &head);
	return 0;
}

static void __exit list_add_broken_exit(void)
{
	pr_info("list_add_broken: exit\n");
}

module_init(list_add_broken_init);
module_exit(list_add_broken_exit);
MODULE_LICENSE("GPL");
