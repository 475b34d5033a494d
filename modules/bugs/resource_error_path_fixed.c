// SPDX-License-Identifier: GPL-2.0
/* Where the buffer cannot be allocated, the misc device is taken back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

static const struct file_operations scratch_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice scratch = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bugs_scratch",
	.fops = &scratch_fops,
};

static void *buffer;

static int __init scratch_init(void)
{
	int err = misc_register(&scratch);	

	if (err)
		return err;
	buffer = kmalloc(4000, GFP_KERNEL);
	if (!buffer) {
		misc_deregister(&scratch);
		return -ENOMEM;
	}
	pr_info("%s is there\n", scratch.name);
	return 0;
}

static void __exit scratch_exit(void)
{
	misc_deregister(&scratch);
	kfree(buffer);
	pr_info("exit\n");
}

module_init(scratch_init);
module_exit(scratch_exit);
MODULE_DESCRIPTION("A device that stays registered where what comes after it fails");
MODULE_LICENSE("GPL");
