// SPDX-License-Identifier: GPL-2.0
/*
 * A list whose elements come from kmalloc(), the most usual data structure of a module.
 *
 * The link lies inside the element. list_for_each_entry_safe() remembers the
 * next element, so that the current one may be freed in the body.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/poison.h>
#include <linux/slab.h>

struct item {
	int value;
	struct list_head link;
};

static LIST_HEAD(items);

static int add(int value, bool at_end)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	if (!item)
		return -ENOMEM;
	item->value = value;
	if (at_end)
		list_add_tail(&item->link, &items);
	else
		list_add(&item->link, &items);
	return 0;
}

static void show(const char *what)
{
	struct item *item;

	pr_info("%s:", what);
	list_for_each_entry(item, &items, link)
		pr_cont(" %d", item->value);
	pr_cont("\n");
}

static void remove_odd(void)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &items, link)
		if (item->value % 2) {
			list_del(&item->link);
			kfree(item);
		}
}

static void remove_all(void)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &items, link) {
		list_del(&item->link);
		if (list_empty(&items))
			pr_info("a deleted element points to poison: %d %d\n", item->link.next == LIST_POISON1,
				item->link.prev == LIST_POISON2);
		kfree(item);
	}
}

static int __init kmalloc_list_init(void)
{
	int i, err = 0;

	pr_info("empty: %d\n", list_empty(&items));
	for (i = 0; i < 10 && !err; i++)
		err = add(i, i >= 5);
	if (err) {
		remove_all();
		return err;
	}
	show("0 to 4 at the head, 5 to 9 at the tail");
	remove_odd();
	show("without odd numbers");
	list_rotate_left(&items);
	show("rotated");
	list_move_tail(items.next, &items);
	show("first moved to the end");
	pr_info("first %d, last %d, singular %d\n", list_first_entry(&items, struct item, link)->value,
		list_last_entry(&items, struct item, link)->value, list_is_singular(&items));
	return 0;
}

static void __exit kmalloc_list_exit(void)
{
	show("at exit");
	remove_all();
	pr_info("empty: %d\n", list_empty(&items));
}

module_init(kmalloc_list_init);
module_exit(kmalloc_list_exit);
MODULE_DESCRIPTION("A linked list of kmalloc'd elements");
MODULE_LICENSE("GPL");
