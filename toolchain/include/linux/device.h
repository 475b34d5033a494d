/* Linux: include/linux/device.h, include/linux/dev_printk.h, include/linux/kobject.h */
#pragma once
#include <linux/export.h>
#include <linux/kdev_t.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/types.h>

struct attribute_group;

ABI_STRUCT(kobject,
	ABI_MEMBER(kobject, name, const char *name)
);

ABI_STRUCT(device,
	ABI_MEMBER(device, kobj, struct kobject kobj)
	ABI_MEMBER(device, parent, struct device *parent)
	ABI_MEMBER(device, init_name, const char *init_name)
	ABI_MEMBER(device, driver_data, void *driver_data)
	ABI_MEMBER(device, devt, dev_t devt)
	ABI_MEMBER(device, groups, const struct attribute_group **groups)
);

ABI_STRUCT(class,
	ABI_MEMBER(class, name, const char *name)
	ABI_MEMBER(class, owner, struct module *owner)
);

struct class *__must_check __class_create(struct module *owner, const char *name, struct lock_class_key *key);
#define class_create(owner, name) \
	({ \
		static struct lock_class_key abi_key; \
		__class_create(owner, name, &abi_key); \
	})
void class_destroy(struct class *class);
__printf(5, 6) struct device *device_create(struct class *class, struct device *parent, dev_t number, void *data,
					   const char *format, ...);
void device_destroy(struct class *class, dev_t number);

static inline const char *dev_name(const struct device *device)
{
	return device->init_name ? device->init_name : device->kobj.name;
}

static inline void *dev_get_drvdata(const struct device *device)
{
	return device->driver_data;
}

static inline void dev_set_drvdata(struct device *device, void *data)
{
	device->driver_data = data;
}

__printf(2, 3) void _dev_err(const struct device *device, const char *format, ...);
__printf(2, 3) void _dev_warn(const struct device *device, const char *format, ...);
__printf(2, 3) void _dev_notice(const struct device *device, const char *format, ...);
__printf(2, 3) void _dev_info(const struct device *device, const char *format, ...);
#ifndef dev_fmt
#define dev_fmt(format) format
#endif
#define dev_err(device, format, ...) _dev_err(device, dev_fmt(format), ##__VA_ARGS__)
#define dev_warn(device, format, ...) _dev_warn(device, dev_fmt(format), ##__VA_ARGS__)
#define dev_notice(device, format, ...) _dev_notice(device, dev_fmt(format), ##__VA_ARGS__)
#define dev_info(device, format, ...) _dev_info(device, dev_fmt(format), ##__VA_ARGS__)
