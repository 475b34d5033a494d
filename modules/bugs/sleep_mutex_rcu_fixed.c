// SPDX-License-Identifier: GPL-2.0
/* The mutex is taken before the reader begins. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

static DEFINE_MUTEX(statistics_lock);
static unsigned int lookups;
static int value = 42;
static int __rcu *current_value;

static int lookup(void)
{
	int *found, result;

	mutex_lock(&statistics_lock);
	rcu_read_lock();
	lookups++;
	found = rcu_dereference(current_value);
	result = found ? *found : -ENOENT;
	rcu_read_unlock();
	mutex_unlock(&statistics_lock);
	return result;
}

static int __init lookup_init(void)
{
	rcu_assign_pointer(current_value, &value);
	pr_info("found %d\n", lookup());
	return 0;
}

static void __exit lookup_exit(void)
{
	pr_info("exit after %u lookups\n", lookups);
}

module_init(lookup_init);
module_exit(lookup_exit);
MODULE_DESCRIPTION("A mutex inside of an RCU reader");
MODULE_LICENSE("GPL");
