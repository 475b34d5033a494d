// SPDX-License-Identifier: GPL-2.0
/* The average is made of no samples at all. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/math64.h>
#include <linux/module.h>

static unsigned int samples[8] = { 310, 312, 308 };
static unsigned int count;
module_param(count, uint, 0444);

static unsigned int average(void)
{
	unsigned int i, sum = 0;

	for (i = 0; i < count; i++)
		sum += samples[i];
	return sum / READ_ONCE(count);	/* finds: divide-error */
}

static int __init average_init(void)
{
	pr_info("average %u\n", average());
	return 0;
}

static void __exit average_exit(void)
{
	pr_info("exit\n");
}

module_init(average_init);
module_exit(average_exit);
MODULE_DESCRIPTION("An average of nothing");
MODULE_LICENSE("GPL");
