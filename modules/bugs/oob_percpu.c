// SPDX-License-Identifier: GPL-2.0
/* There are four counters for each CPU, and the fifth is counted. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>

#define REASONS 4

struct reasons {
	u64 counts[REASONS];
};

static struct reasons __percpu *reasons;

static void count(unsigned int reason)
{
	u64 *counts = get_cpu_ptr(reasons)->counts;

	WRITE_ONCE(counts[reason], 1);	/* finds: out-of-bounds, right */
	put_cpu_ptr(reasons);
}

static int __init reasons_init(void)
{
	reasons = alloc_percpu(struct reasons);
	if (!reasons)
		return -ENOMEM;
	count(0);
	count(4);
	pr_info("counted\n");
	return 0;
}

static void __exit reasons_exit(void)
{
	free_percpu(reasons);	/* finds: out-of-bounds, left */
	pr_info("exit\n");
}

module_init(reasons_init);
module_exit(reasons_exit);
MODULE_DESCRIPTION("A counter behind those of a CPU");
MODULE_LICENSE("GPL");
