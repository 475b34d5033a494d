// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(lock);
static volatile int bad = 1;

static int __init bug_locked_init(void)
{
	spin_lock_irq(&lock);
	BUG_ON(bad);
	spin_unlock_irq(&lock);
	return 0;
}

static void __exit bug_locked_exit(void)
{
	pr_info("bug_locked: exit\n");
}

module_init(bug_locked_init);
module_exit(bug_locked_exit);
MODULE_LICENSE("GPL");
