// SPDX-License-Identifier: GPL-2.0
/* exit unlocks the mutex on each way out. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(state_lock);
static bool busy;

static int __init state_init(void)
{
	mutex_lock(&state_lock);
	busy = false;
	mutex_unlock(&state_lock);
	pr_info("idle\n");
	return 0;
}

static void __exit state_exit(void)
{
	mutex_lock(&state_lock);	
	if (!READ_ONCE(busy)) {
		mutex_unlock(&state_lock);
		pr_info("exit\n");
		return;
	}
	busy = false;
	mutex_unlock(&state_lock);
}

module_init(state_init);
module_exit(state_exit);
MODULE_DESCRIPTION("A mutex that is held when exit returns");
MODULE_LICENSE("GPL");
