// SPDX-License-Identifier: GPL-2.0
/* exit takes the misc device back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations counter_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice counter = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bugs_counter",
	.fops = &counter_fops,
};

static int __init counter_init(void)
{
	int err = misc_register(&counter);	

	if (err)
		return err;
	pr_info("%s is there\n", counter.name);
	return 0;
}

static void __exit counter_exit(void)
{
	misc_deregister(&counter);
	pr_info("exit\n");
}

module_init(counter_init);
module_exit(counter_exit);
MODULE_DESCRIPTION("A misc device that stays registered");
MODULE_LICENSE("GPL");
