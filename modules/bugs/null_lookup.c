// SPDX-License-Identifier: GPL-2.0
/* The list has no such entry, and the result of the lookup is used all the same. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>

struct driver {
	struct list_head link;
	int id;
	const char *name;
};

static struct driver serial = { .id = 1, .name = "serial" };
static LIST_HEAD(drivers);

static struct driver *driver_find(int id)
{
	struct driver *d;

	list_for_each_entry(d, &drivers, link)
		if (d->id == id)
			return d;
	return NULL;
}

static int __init driver_init(void)
{
	struct driver *d;

	list_add(&serial.link, &drivers);
	d = driver_find(2);
	pr_info("driver %s\n", d->name);	/* finds: null-deref */
	return 0;
}

static void __exit driver_exit(void)
{
	pr_info("exit\n");
}

module_init(driver_init);
module_exit(driver_exit);
MODULE_DESCRIPTION("A lookup that finds nothing");
MODULE_LICENSE("GPL");
