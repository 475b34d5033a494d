// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/uaccess.h>

static long value;
static unsigned long where = 0x8000000000000UL;

static int peek(long *p)
{
	__get_kernel_nofault(&value, p, long, fault);
	return 0;
fault:
	return -EFAULT;
}

static int __init uaccess_gp_init(void)
{
	long *volatile p = (void *)where;

	pr_info("left %lu\n", raw_copy_from_user(&value, (void __user *)p, sizeof(value)));
	pr_info("null %d\n", peek(NULL));
	pr_info("get %d\n", peek(p));
	return 0;
}

static void __exit uaccess_gp_exit(void)
{
}

module_init(uaccess_gp_init);
module_exit(uaccess_gp_exit);
MODULE_LICENSE("GPL");
