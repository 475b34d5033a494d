// SPDX-License-Identifier: GPL-2.0
/* A misc device without a name, with an empty one; one that is taken back twice. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations fops = { .owner = THIS_MODULE };
static struct miscdevice good = { .minor = MISC_DYNAMIC_MINOR, .name = "misc_twice", .fops = &fops };
static struct miscdevice empty = { .minor = MISC_DYNAMIC_MINOR, .name = "", .fops = &fops };
static struct miscdevice nameless = { .minor = MISC_DYNAMIC_MINOR, .fops = &fops };

static int __init twice_init(void)
{
	int first = misc_register(&good);

	pr_info("%d, empty %d, nameless %d\n", first, misc_register(&empty), misc_register(&nameless));	/* finds: bad-argument */
	pr_info("minors %d %d %d\n", good.minor, empty.minor, nameless.minor);
	return 0;
}

static void __exit twice_exit(void)
{
	misc_deregister(&good);	/* finds: bad-argument, when misc_register fails */
	misc_deregister(&good);	/* finds: bug; bad-argument, when misc_register fails */
	pr_info("not reached\n");
}

module_init(twice_init);
module_exit(twice_exit);
MODULE_LICENSE("GPL");
