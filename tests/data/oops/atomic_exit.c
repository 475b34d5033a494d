// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>

static int *volatile p;

static int __init atomic_exit_init(void)
{
	pr_info("atomic_exit: init\n");
	return 0;
}

static void __exit atomic_exit_exit(void)
{
	preempt_disable();
}

module_init(atomic_exit_init);
module_exit(atomic_exit_exit);
MODULE_LICENSE("GPL");
