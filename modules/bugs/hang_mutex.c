// SPDX-License-Identifier: GPL-2.0
/* Writing an entry takes the mutex, and so does the check inside, in the same task. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(store_lock);
static int entries;

static noinline bool store_full(void)
{
	bool full;

	mutex_lock(&store_lock);	/* finds: hang */
	full = entries >= 4;
	mutex_unlock(&store_lock);
	return full;
}

static int store(void)
{
	int err = -ENOSPC;

	mutex_lock(&store_lock);
	if (!store_full()) {
		entries++;
		err = 0;
	}
	mutex_unlock(&store_lock);
	return err;
}

static int __init store_init(void)
{
	int err = store();

	pr_info("%d entries\n", entries);
	return err;
}

static void __exit store_exit(void)
{
	pr_info("exit\n");
}

module_init(store_init);
module_exit(store_exit);
MODULE_DESCRIPTION("A mutex that is taken again by its owner");
MODULE_LICENSE("GPL");
