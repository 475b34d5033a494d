// SPDX-License-Identifier: GPL-2.0
/* The helper relies on its caller, who holds the lock. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static unsigned int sum;

static noinline void add(unsigned int value)
{
	sum += value;
}

static int __init adder_init(void)
{
	spin_lock(&lock);
	add(3);
	add(4);
	spin_unlock(&lock);
	pr_info("sum %u\n", sum);
	return 0;
}

static void __exit adder_exit(void)
{
	pr_info("exit\n");
}

module_init(adder_init);
module_exit(adder_exit);
MODULE_DESCRIPTION("A spinlock that is taken twice");
MODULE_LICENSE("GPL");
