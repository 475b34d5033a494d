// SPDX-License-Identifier: GPL-2.0
/* The device is put on the list when it is complete. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct device_entry {
	struct list_head link;
	int minor;
	void *buffer;
};

static LIST_HEAD(devices);

static int device_add_minor(int minor)
{
	struct device_entry *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	d->minor = minor;
	d->buffer = kmalloc(300, GFP_KERNEL);
	if (!d->buffer) {
		kfree(d);
		return -ENOMEM;
	}
	list_add(&d->link, &devices);
	return 0;
}

static int __init devices_init(void)
{
	if (device_add_minor(0))
		pr_info("there is no device\n");
	return 0;
}

static void __exit devices_exit(void)
{
	struct device_entry *d, *next;

	list_for_each_entry_safe(d, next, &devices, link) {	
		pr_info("device %d\n", d->minor);
		kfree(d->buffer);
		kfree(d);
	}
	pr_info("exit\n");
}

module_init(devices_init);
module_exit(devices_exit);
MODULE_DESCRIPTION("An object that is freed and stays on a list");
MODULE_LICENSE("GPL");
