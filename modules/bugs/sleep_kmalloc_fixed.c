// SPDX-License-Identifier: GPL-2.0
/* An event is allocated before the spinlock is taken. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct event {
	struct list_head link;
	int code;
};

static LIST_HEAD(events);
static DEFINE_SPINLOCK(lock);

static int event_add(int code)
{
	struct event *event;

	event = kmalloc(sizeof(*event), GFP_KERNEL);
	if (!event)
		return -ENOMEM;
	spin_lock(&lock);
	event->code = code;
	list_add(&event->link, &events);
	spin_unlock(&lock);
	return 0;
}

static int __init events_init(void)
{
	return event_add(30);
}

static void __exit events_exit(void)
{
	struct event *event, *next;

	list_for_each_entry_safe(event, next, &events, link) {
		pr_info("event %d\n", event->code);
		kfree(event);
	}
}

module_init(events_init);
module_exit(events_exit);
MODULE_DESCRIPTION("GFP_KERNEL with a spinlock held");
MODULE_LICENSE("GPL");
