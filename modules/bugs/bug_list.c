// SPDX-License-Identifier: GPL-2.0
/* The same entry is put on the list a second time. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>

struct work_item {
	struct list_head link;
	int priority;
};

static LIST_HEAD(queue);
static struct work_item item = { .priority = 5 };

static void queue_item(struct work_item *w)
{
	list_add(&w->link, &queue);	/* finds: bug */
	pr_info("queued with priority %d\n", w->priority);
}

static int __init queue_init(void)
{
	queue_item(&item);
	item.priority = 1;
	queue_item(&item);
	return 0;
}

static void __exit queue_exit(void)
{
	list_del(&item.link);
	pr_info("exit\n");
}

module_init(queue_init);
module_exit(queue_exit);
MODULE_DESCRIPTION("An entry that is added twice");
MODULE_LICENSE("GPL");
