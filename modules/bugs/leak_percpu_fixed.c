// SPDX-License-Identifier: GPL-2.0
/* The counters of each CPU are allocated in init and freed in exit. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>

struct traffic {
	u64 packets;
	u64 bytes;
};

static struct traffic __percpu *traffic;

static void count(unsigned int bytes)
{
	this_cpu_inc(traffic->packets);
	this_cpu_add(traffic->bytes, bytes);
}

static u64 total_bytes(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(traffic, cpu)->bytes;
	return sum;
}

static int __init traffic_init(void)
{
	traffic = alloc_percpu(struct traffic);	
	if (!traffic)
		return -ENOMEM;
	count(60);
	count(1500);
	pr_info("%llu bytes\n", total_bytes());
	return 0;
}

static void __exit traffic_exit(void)
{
	pr_info("exit after %llu bytes\n", total_bytes());
	free_percpu(traffic);
}

module_init(traffic_init);
module_exit(traffic_exit);
MODULE_DESCRIPTION("Counters of each CPU that are never freed");
MODULE_LICENSE("GPL");
