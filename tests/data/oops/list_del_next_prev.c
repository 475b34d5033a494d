// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/slab.h>
static LIST_HEAD(head);
static LIST_HEAD(one);
static LIST_HEAD(two);

static int __init list_del_next_prev_init(void)
{
	list_add(&one, &head);
	head.prev = &two;
	list_del(&one);
	return 0;
}

static void __exit list_del_next_prev_exit(void)
{
	pr_info("list_del_next_prev: exit\n");
}

module_init(list_del_next_prev_init);
module_exit(list_del_next_prev_exit);
MODULE_LICENSE("GPL");
