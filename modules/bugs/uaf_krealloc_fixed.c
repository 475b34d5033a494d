// SPDX-License-Identifier: GPL-2.0
/* The pointer into the array is made again after krealloc() has moved it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct list {
	u32 *values;
	size_t room;
};

static int list_grow(struct list *l, size_t room)
{
	u32 *grown = krealloc(l->values, room * sizeof(u32), GFP_KERNEL);

	if (!grown)
		return -ENOMEM;
	l->values = grown;
	l->room = room;
	return 0;
}

static int __init list_init(void)
{
	struct list list = {};
	u32 *first;
	int err = list_grow(&list, 16);

	if (err)
		return err;
	first = list.values;
	err = list_grow(&list, 1000);
	if (!err) {
		first = list.values;
		WRITE_ONCE(*first, 1);	
		pr_info("room for %zu, first %u\n", list.room, list.values[0]);
	}
	kfree(list.values);
	return err;
}

static void __exit list_exit(void)
{
	pr_info("exit\n");
}

module_init(list_init);
module_exit(list_exit);
MODULE_DESCRIPTION("The old place of an array that has grown");
MODULE_LICENSE("GPL");
