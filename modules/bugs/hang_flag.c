// SPDX-License-Identifier: GPL-2.0
/* The driver waits for a flag that nobody sets, for ever. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/processor.h>

static bool ready;

static int __init wait_init(void)
{
	while (!READ_ONCE(ready))	/* finds: hang */
		;
	pr_info("ready %d\n", ready);
	return 0;
}

static void __exit wait_exit(void)
{
	pr_info("exit\n");
}

module_init(wait_init);
module_exit(wait_exit);
MODULE_DESCRIPTION("A loop that waits for what nobody does");
MODULE_LICENSE("GPL");
