// SPDX-License-Identifier: GPL-2.0
/* Numbers of character devices: given, asked for, taken; cdevs; classes and devices, names that are taken. */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>

static const struct file_operations fops = { .owner = THIS_MODULE };
static dev_t given, second;
static struct cdev cdev;
static struct cdev *allocated;
static struct class *class;
static int old;

static void show_numbers(void)
{
	int err = alloc_chrdev_region(&given, 3, 4, "numbers_given");

	pr_info("given %d: %u:%u\n", err, MAJOR(given), MINOR(given));
	err = alloc_chrdev_region(&second, 0, 1, "numbers_second");
	pr_info("second %d: %u:%u\n", err, MAJOR(second), MINOR(second));
	pr_info("behind %d\n", register_chrdev_region(MKDEV(MAJOR(given), 7), 2, "numbers_behind"));	/* finds: resource-leak, when alloc_chrdev_region fails */
	pr_info("overlapping %d\n", register_chrdev_region(MKDEV(MAJOR(given), 6), 2, "numbers_over"));	/* finds: resource-leak, when alloc_chrdev_region fails */
	pr_info("before %d\n", register_chrdev_region(MKDEV(MAJOR(given), 0), 3, "numbers_before"));	/* finds: resource-leak, when alloc_chrdev_region fails */
	pr_info("whole %d\n", register_chrdev_region(MKDEV(MAJOR(given), 0), 100, "numbers_whole"));	/* finds: resource-leak, when alloc_chrdev_region fails */
	pr_info("misc %d\n", register_chrdev_region(MKDEV(10, 300), 1, "numbers_misc"));
	pr_info("mem %d\n", register_chrdev_region(MKDEV(1, 3), 1, "numbers_mem"));
	pr_info("local %d\n", register_chrdev_region(MKDEV(240, 0), 1, "numbers_local"));
	pr_info("high %d\n", register_chrdev_region(MKDEV(512, 0), 1, "numbers_high"));
	pr_info("minors %d\n", register_chrdev_region(MKDEV(241, MINORMASK), 2, "numbers_minors"));
	unregister_chrdev_region(MKDEV(241, 0), 5);
	unregister_chrdev_region(MKDEV(241, MINORMASK), 2);
	unregister_chrdev_region(MKDEV(240, 0), 1);
	pr_info("local again %d\n", register_chrdev_region(MKDEV(240, 0), 1, "numbers_local"));
	unregister_chrdev_region(MKDEV(240, 0), 2);
	pr_info("still there %d\n", register_chrdev_region(MKDEV(240, 0), 1, "numbers_local"));
	unregister_chrdev_region(MKDEV(240, 0), 1);
	old = register_chrdev(0, "numbers_old", &fops);
	pr_info("old %d\n", old);
	pr_info("again %d\n", register_chrdev(old, "numbers_old", &fops));
}

static void show_cdevs(void)
{
	cdev_init(&cdev, &fops);
	cdev.owner = THIS_MODULE;
	pr_info("add %d\n", cdev_add(&cdev, given, 4));
	pr_info("number %u:%u, count %u\n", MAJOR(cdev.dev), MINOR(cdev.dev), cdev.count);
	allocated = cdev_alloc();
	allocated->ops = &fops;	/* finds: null-deref, when cdev_alloc fails */
	pr_info("add a second one at the same place %d\n", cdev_add(allocated, given, 1));
	cdev_del(allocated);
}

static void show_device(const char *what, struct device *device)
{
	if (IS_ERR(device))
		pr_info("%s: %ld\n", what, PTR_ERR(device));
	else
		pr_info("%s: %s %u:%u data %d\n", what, dev_name(device), MAJOR(device->devt), MINOR(device->devt),
			dev_get_drvdata(device) == &cdev);
}

static void show_classes(void)
{
	class = class_create(THIS_MODULE, "numbers_class");
	pr_info("class %d %s\n", PTR_ERR_OR_ZERO(class), class->name);	/* finds: page-fault, when class_create fails */
	pr_info("class again %ld\n", PTR_ERR(class_create(THIS_MODULE, "numbers_class")));	/* finds: bad-argument */
	pr_info("class of others %ld\n", PTR_ERR(class_create(THIS_MODULE, "misc")));	/* finds: bad-argument */
	show_device("first", device_create(class, NULL, given, &cdev, "numbers%d", 3));
	show_device("second", device_create(class, NULL, second, NULL, "numbers/%s", "second"));
	show_device("same name", device_create(class, NULL, given + 1, NULL, "numbers3"));	/* finds: bad-argument; resource-leak, when device_create fails */
	show_device("same number", device_create(class, NULL, given, NULL, "numbers4"));	/* finds: bad-argument */
	show_device("no number", device_create(class, NULL, 0, NULL, "numbers_none"));	/* finds: resource-leak, when alloc_chrdev_region fails */
	show_device("no class", device_create(NULL, NULL, 0, NULL, "numbers_none"));
	device_destroy(class, given + 2);
}

static int __init numbers_init(void)
{
	show_numbers();
	show_cdevs();
	show_classes();
	return 0;
}

static void __exit numbers_exit(void)
{
	device_destroy(class, 0);
	device_destroy(class, second);
	device_destroy(class, given);
	class_destroy(class);	/* finds: bad-argument, when alloc_chrdev_region fails */
	class_destroy(NULL);
	cdev_del(&cdev);
	unregister_chrdev(old, "numbers_old");
	unregister_chrdev_region(MKDEV(512, 0), 1);
	unregister_chrdev_region(MKDEV(10, 300), 1);
	unregister_chrdev_region(MKDEV(MAJOR(given), 0), 3);
	unregister_chrdev_region(MKDEV(MAJOR(given), 7), 2);
	unregister_chrdev_region(second, 1);
	unregister_chrdev_region(given, 4);
	pr_info("gone\n");
}

module_init(numbers_init);
module_exit(numbers_exit);
MODULE_LICENSE("GPL");
