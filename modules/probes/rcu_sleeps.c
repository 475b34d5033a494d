// SPDX-License-Identifier: GPL-2.0
/* An RCU reader that sleeps, which the kernel tells once. With how=2 init returns as a reader, and insmod may hang. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

static int how;
module_param(how, int, 0);

static int __init left_init(void)
{
	rcu_read_lock();
	if (how == 1)
		msleep(1);	/* finds: sleep-in-atomic */
	if (how != 2)
		rcu_read_unlock();
	pr_info("did %d\n", how);
	return 0;
}

static void __exit left_exit(void)
{
}

module_init(left_init);
module_exit(left_exit);
MODULE_LICENSE("GPL");
