// SPDX-License-Identifier: GPL-2.0
/* The queue is started twice, which its own BUG_ON() forbids. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/module.h>

enum state { STOPPED, RUNNING };

static enum state state;

static noinline void queue_start(void)
{
	BUG_ON(state == RUNNING);	/* finds: bug */
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
	if (state == STOPPED)
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
