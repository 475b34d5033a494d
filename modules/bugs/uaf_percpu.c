// SPDX-License-Identifier: GPL-2.0
/* The sum over all CPUs is made after the counters were freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>

static u64 __percpu *hits;

static u64 sum(void)
{
	u64 all = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		all += READ_ONCE(*per_cpu_ptr(hits, cpu));	/* finds: use-after-free, checked */
	return all;
}

static int __init hits_init(void)
{
	hits = alloc_percpu(u64);
	if (!hits)
		return -ENOMEM;
	this_cpu_add(*hits, 5);
	pr_info("%llu hits\n", sum());
	return 0;
}

static void __exit hits_exit(void)
{
	u64 all;

	free_percpu(hits);
	all = sum();
	pr_info("exit after %llu hits\n", all);
}

module_init(hits_init);
module_exit(hits_exit);
MODULE_DESCRIPTION("Counters of each CPU that are read after they were freed");
MODULE_LICENSE("GPL");
