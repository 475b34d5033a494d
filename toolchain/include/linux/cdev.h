/* Linux: include/linux/cdev.h */
#pragma once
#include <linux/device.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/types.h>

struct file_operations;

struct cdev {
	struct kobject kobj;
	struct module *owner;
	const struct file_operations *ops;
	struct list_head list;
	dev_t dev;
	unsigned int count;
};

void cdev_init(struct cdev *device, const struct file_operations *operations);
struct cdev *cdev_alloc(void);
int cdev_add(struct cdev *device, dev_t first, unsigned int count);
void cdev_del(struct cdev *device);
