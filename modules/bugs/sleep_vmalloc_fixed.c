// SPDX-License-Identifier: GPL-2.0
/* The histogram is allocated before get_cpu() disables preemption. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/vmalloc.h>

static u32 *histogram;

static int __init histogram_init(void)
{
	int cpu;

	histogram = vzalloc(4096 * sizeof(u32));
	cpu = get_cpu();
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
