// SPDX-License-Identifier: GPL-2.0
/* Misc devices: the minors that are handed out, those that are taken, names that are taken, and the list. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations fops = { .owner = THIS_MODULE };
static struct miscdevice dynamic[3] = {
	{ .minor = MISC_DYNAMIC_MINOR, .name = "numbers_a", .fops = &fops },
	{ .minor = MISC_DYNAMIC_MINOR, .name = "numbers_b", .fops = &fops },
	{ .minor = MISC_DYNAMIC_MINOR, .name = "numbers_c", .fops = &fops },
};
static struct miscdevice fixed = { .minor = 77, .name = "numbers_fixed", .fops = &fops };
static struct miscdevice second = { .minor = 77, .name = "numbers_second", .fops = &fops };
static struct miscdevice high = { .minor = 300, .name = "numbers_high", .fops = &fops };
static struct miscdevice same = { .minor = MISC_DYNAMIC_MINOR, .name = "numbers_a", .fops = &fops };
static struct miscdevice slash = { .minor = MISC_DYNAMIC_MINOR, .name = "numbers/slash", .fops = &fops };

static void show(const char *what, struct miscdevice *misc, int result)
{
	pr_info("%s: %d minor %d alone %d device %d\n", what, result, misc->minor, list_empty(&misc->list),
		!IS_ERR_OR_NULL(misc->this_device));
}

static int __init numbers_init(void)
{
	int i;

	for (i = 0; i < 3; i++)
		show(dynamic[i].name, &dynamic[i], misc_register(&dynamic[i]));
	misc_deregister(&dynamic[1]);	/* finds: bad-argument, when misc_register fails */
	pr_info("after deregister: minor %d, next poisoned %d\n", dynamic[1].minor,
		dynamic[1].list.next == LIST_POISON1);
	show("again with its old minor", &dynamic[1], misc_register(&dynamic[1]));
	show("fixed", &fixed, misc_register(&fixed));
	show("second", &second, misc_register(&second));
	show("high", &high, misc_register(&high));
	show("slash", &slash, misc_register(&slash));	/* finds: bad-argument */
	pr_info("list: %d %d %d\n", high.list.next == &fixed.list, fixed.list.next == &dynamic[1].list,
		dynamic[1].list.next == &dynamic[2].list);
	misc_deregister(&second);	/* finds: bad-argument */
	show("same name", &same, misc_register(&same));	/* finds: bad-argument */
	misc_deregister(&same);	/* finds: bad-argument */
	return 0;
}

static void __exit numbers_exit(void)
{
	int i;

	misc_deregister(&slash);	/* finds: bad-argument */
	misc_deregister(&high);	/* finds: bad-argument, when misc_register fails */
	misc_deregister(&fixed);	/* finds: bad-argument, when misc_register fails */
	for (i = 0; i < 3; i++)
		misc_deregister(&dynamic[i]);	/* finds: bad-argument, when misc_register fails */
}

module_init(numbers_init);
module_exit(numbers_exit);
MODULE_LICENSE("GPL");
