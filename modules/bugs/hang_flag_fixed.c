// SPDX-License-Identifier: GPL-2.0
/* The driver gives up after a number of tries. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/processor.h>

static bool ready;

static int __init wait_init(void)
{
	int tries = 1000;

	while (!READ_ONCE(ready) && --tries)
		cpu_relax();
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
