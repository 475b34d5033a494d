// SPDX-License-Identifier: GPL-2.0
/* The next entry is asked for before this one is taken off the list. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct timer_entry {
	struct list_head link;
	u64 expires;
};

static LIST_HEAD(timers);
static struct timer_entry entries[3];

static struct timer_entry *expire(struct timer_entry *t)
{
	struct timer_entry *next;

	next = list_next_entry(t, link);
	list_del(&t->link);
	return next;
}

static int __init timers_init(void)
{
	struct timer_entry *t;
	int i;

	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		entries[i].expires = i * 100;
		list_add_tail(&entries[i].link, &timers);
	}
	t = expire(&entries[0]);
	pr_info("next expires at %llu\n", READ_ONCE(t->expires));	
	return 0;
}

static void __exit timers_exit(void)
{
	pr_info("exit\n");
}

module_init(timers_init);
module_exit(timers_exit);
MODULE_DESCRIPTION("An entry that was deleted and is followed");
MODULE_LICENSE("GPL");
