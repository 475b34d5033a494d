// SPDX-License-Identifier: GPL-2.0
/* exit calls through a pointer a function that is __init, and whose memory was freed after init. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

struct operations {
	int (*check)(int value);
};

static int __init check_range(int value)
{	/* finds: use-after-free */
	return value >= 0 && value < 100 ? 0 : -ERANGE;
}

static struct operations ops;

static int __init ops_init(void)
{
	ops.check = check_range;
	pr_info("check(5): %d\n", ops.check(5));
	return 0;
}

static void __exit ops_exit(void)
{
	int result = ops.check(500);

	pr_info("exit, check(500): %d\n", result);
}

module_init(ops_init);
module_exit(ops_exit);
MODULE_DESCRIPTION("A function of init that is called when init is over");
MODULE_LICENSE("GPL");
