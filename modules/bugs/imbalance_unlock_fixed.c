// SPDX-License-Identifier: GPL-2.0
/* Only the function that has locked the mutex unlocks it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(config_lock);
static int level;

static int check(int wanted)
{
	return wanted > 9 ? -EINVAL : 0;
}

static int configure(int wanted)
{
	int err;

	mutex_lock(&config_lock);
	err = check(wanted);
	if (!err)
		level = wanted;
	mutex_unlock(&config_lock);	
	return err;
}

static int __init config_init(void)
{
	pr_info("level 12: %d\n", configure(12));
	return 0;
}

static void __exit config_exit(void)
{
	pr_info("exit, level %d\n", level);
}

module_init(config_init);
module_exit(config_exit);
MODULE_DESCRIPTION("A mutex that is unlocked twice");
MODULE_LICENSE("GPL");
