// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(lock);
static int *volatile p;

static int __init null_locked_init(void)
{
	spin_lock(&lock);
	*p = 1;
	spin_unlock(&lock);
	return 0;
}

static void __exit null_locked_exit(void)
{
	pr_info("null_locked: exit\n");
}

module_init(null_locked_init);
module_exit(null_locked_exit);
MODULE_LICENSE("GPL");
