// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/uaccess.h>


static volatile unsigned long n = 65;

static int __init usercopy_init(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	pr_info("%lu\n", copy_to_user((void __user *)0x10000000UL, p, n));
	return 0;
}

static void __exit usercopy_exit(void)
{
	pr_info("usercopy: exit\n");
}

module_init(usercopy_init);
module_exit(usercopy_exit);
MODULE_LICENSE("GPL");
