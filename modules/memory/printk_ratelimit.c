// SPDX-License-Identifier: GPL-2.0
/*
 * Rate limits: a burst is logged, the rest is counted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

static DEFINE_RATELIMIT_STATE(own, 100 * HZ, 3);

static int __init printk_ratelimit_init(void)
{
	int i, passed = 0;

	for (i = 0; i < 20; i++)
		pr_info_ratelimited("10 in 5 seconds, number %d\n", i);
	for (i = 0; i < 20; i++)
		passed += __ratelimit(&own);
	pr_info("passed %d, missed %d\n", passed, own.missed);
	ratelimit_set_flags(&own, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_state_exit(&own);
	pr_info("after ratelimit_state_exit: missed %d\n", own.missed);
	ratelimit_state_init(&own, 0, 1);
	pr_info("an interval of 0 has no limit: %d %d\n", __ratelimit(&own), __ratelimit(&own));
	return 0;
}

static void __exit printk_ratelimit_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_ratelimit_init);
module_exit(printk_ratelimit_exit);
MODULE_DESCRIPTION("Rate limited messages");
MODULE_LICENSE("GPL");
