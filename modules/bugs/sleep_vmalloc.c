// SPDX-License-Identifier: GPL-2.0
/* The histogram is allocated by vmalloc(), which may sleep, between get_cpu() and put_cpu(). */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/vmalloc.h>

static u32 *histogram;

static int __init histogram_init(void)
{
	int cpu;

	cpu = get_cpu();
	histogram = vzalloc(4096 * sizeof(u32));	/* finds: sleep-in-atomic */
	if (histogram)
		histogram[cpu]++;
	put_cpu();
	if (!histogram)
		return -ENOMEM;
	pr_info("histogram of CPU numbers\n");
	return 0;
}

static void __exit histogram_exit(void)
{
	vfree(histogram);
	pr_info("exit\n");
}

module_init(histogram_init);
module_exit(histogram_exit);
MODULE_DESCRIPTION("vmalloc() with preemption disabled");
MODULE_LICENSE("GPL");
