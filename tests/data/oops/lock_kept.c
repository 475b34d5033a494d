// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(lock);

static int __init lock_kept_init(void)
{
	spin_lock(&lock);
	return 0;
}

static void __exit lock_kept_exit(void)
{
	pr_info("lock_kept: exit\n");
}

module_init(lock_kept_init);
module_exit(lock_kept_exit);
MODULE_LICENSE("GPL");
