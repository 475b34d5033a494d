// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/slab.h>
static struct list_head head;
static LIST_HEAD(one);

static int __init list_add_prev_null_init(void)
{
	list_add_tail(&one, &head);
	return 0;
}

static void __exit list_add_prev_null_exit(void)
{
	pr_info("list_add_prev_null: exit\n");
}

module_init(list_add_prev_null_init);
module_exit(list_add_prev_null_exit);
MODULE_LICENSE("GPL");
