// SPDX-License-Identifier: GPL-2.0
/* Where the name cannot be copied, the device is freed with a buffer that was never set. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct device_data {
	int minor;
	char *name;
	void *buffer;
};

static struct device_data *dev;

static void device_data_free(struct device_data *d)
{
	kfree(d->buffer);	/* finds: uninitialized, filled */
	kfree(d->name);
	kfree(d);
	pr_info("freed\n");
}

static int __init device_data_init(void)
{
	dev = kmalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	dev->minor = 3;
	dev->name = kstrdup("data3", GFP_KERNEL);
	if (!dev->name) {
		kfree(dev);
		return -ENOMEM;
	}
	pr_info("%s without a buffer\n", dev->name);
	return 0;
}

static void __exit device_data_exit(void)
{
	device_data_free(dev);
	pr_info("exit\n");
}

module_init(device_data_init);
module_exit(device_data_exit);
MODULE_DESCRIPTION("A pointer that is freed before it was set");
MODULE_LICENSE("GPL");
