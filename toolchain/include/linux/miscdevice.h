/* Linux: include/linux/miscdevice.h */
#pragma once
#include <abi/miscdevice.h> /* MISC_MAJOR MISC_DYNAMIC_MINOR */
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/types.h>

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *parent;
	struct device *this_device;
	const struct attribute_group **groups;
	const char *nodename;
	umode_t mode;
};

int misc_register(struct miscdevice *device);
void misc_deregister(struct miscdevice *device);
