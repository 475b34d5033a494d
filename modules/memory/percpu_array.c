// SPDX-License-Identifier: GPL-2.0
/*
 * The older way to have data for each CPU: an array indexed by get_cpu().
 *
 * get_cpu() disables preemption and returns this CPU's number. Without padding,
 * the elements of several CPUs share a cache line and slow each other down;
 * DEFINE_PER_CPU does not have that problem.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/smp.h>

struct slot {
	unsigned long count;
} ____cacheline_aligned;

static struct slot *slots;

static void hit(void)
{
	int cpu = get_cpu();

	slots[cpu].count++;
	put_cpu();
}

static unsigned long total(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += slots[cpu].count;
	return sum;
}

static int __init percpu_array_init(void)
{
	int i, cpu;

	slots = kcalloc(nr_cpu_ids, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	pr_info("nr_cpu_ids %u, possible %u, present %u, online %u\n", nr_cpu_ids, num_possible_cpus(),
		num_present_cpus(), num_online_cpus());
	pr_info("a slot has %zu bytes\n", sizeof(*slots));

	cpu = get_cpu();
	pr_info("get_cpu: preempt_count %d, same as smp_processor_id: %d, raw_smp_processor_id: %d\n", preempt_count(),
		cpu == smp_processor_id(), cpu == raw_smp_processor_id());
	pr_info("this CPU is online: %d, possible: %d\n", cpu_online(cpu), cpu_possible(cpu));
	put_cpu();

	for (i = 0; i < 1000; i++)
		hit();
	pr_info("hits: %lu, preempt_count %d\n", total(), preempt_count());
	return 0;
}

static void __exit percpu_array_exit(void)
{
	pr_info("exit with %lu hits\n", total());
	kfree(slots);
}

module_init(percpu_array_init);
module_exit(percpu_array_exit);
MODULE_DESCRIPTION("An array with one element for each CPU");
MODULE_LICENSE("GPL");
