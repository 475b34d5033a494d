// SPDX-License-Identifier: GPL-2.0
/* The queue is stopped before it is started again. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/module.h>

enum state { STOPPED, RUNNING };

static enum state state;

static noinline void queue_start(void)
{
	BUG_ON(state == RUNNING);	
	state = RUNNING;
	pr_info("running\n");
}

static noinline void queue_stop(void)
{
	state = STOPPED;
	pr_info("stopped\n");
}

static int __init queue_init(void)
{
	queue_start();
	if (state == RUNNING)
		queue_stop();
	queue_start();
	return 0;
}

static void __exit queue_exit(void)
{
	queue_stop();
}

module_init(queue_init);
module_exit(queue_exit);
MODULE_DESCRIPTION("A state that BUG_ON() does not allow");
MODULE_LICENSE("GPL");
