// SPDX-License-Identifier: GPL-2.0
/*
 * Static per-CPU variables: one copy for each CPU, so no lock is needed.
 *
 * get_cpu_var() disables preemption and names this CPU's copy; the task cannot
 * move to another CPU before put_cpu_var(). this_cpu_inc() is one instruction
 * and needs neither. The sum over all CPUs is what the counter is worth.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

struct traffic {
	unsigned long packets;
	unsigned long bytes;
};

static DEFINE_PER_CPU(long, hits) = 10;
static DEFINE_PER_CPU(struct traffic, traffic);
static DEFINE_PER_CPU_ALIGNED(int, own_line);

static long sum_of_hits(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(hits, cpu);
	return sum;
}

static void count(unsigned int bytes)
{
	struct traffic *mine = get_cpu_ptr(&traffic);

	mine->packets++;
	mine->bytes += bytes;
	put_cpu_ptr(&traffic);
}

static void show_traffic(void)
{
	struct traffic sum = { };
	int cpu;

	for_each_possible_cpu(cpu) {
		sum.packets += per_cpu(traffic, cpu).packets;
		sum.bytes += per_cpu(traffic, cpu).bytes;
	}
	pr_info("traffic: %lu packets, %lu bytes\n", sum.packets, sum.bytes);
}

static int __init percpu_counter_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		pr_info("CPU%d starts with %ld\n", cpu, per_cpu(hits, cpu));
	pr_info("preempt_count outside: %d\n", preempt_count());
	get_cpu_var(hits)++;
	pr_info("preempt_count between get_cpu_var and put_cpu_var: %d\n", preempt_count());
	put_cpu_var(hits);
	pr_info("after get_cpu_var: sum %ld\n", sum_of_hits());

	this_cpu_inc(hits);
	this_cpu_add(hits, 100);
	this_cpu_dec(hits);
	this_cpu_sub(hits, 50);
	pr_info("after this_cpu_*: sum %ld\n", sum_of_hits());

	preempt_disable();
	this_cpu_write(hits, 1000);
	pr_info("this_cpu_read: %ld\n", this_cpu_read(hits));
	pr_info("this_cpu_xchg: %ld\n", this_cpu_xchg(hits, 7));
	pr_info("this_cpu_add_return: %ld\n", this_cpu_add_return(hits, 3));
	pr_info("this_cpu_cmpxchg: %ld\n", this_cpu_cmpxchg(hits, 10, 11));
	pr_info("__this_cpu_read: %ld\n", __this_cpu_read(hits));
	preempt_enable();

	count(60);
	count(1500);
	show_traffic();
	for_each_possible_cpu(cpu)
		pr_info("CPU%d: own_line is aligned to a cache line: %d\n", cpu,
			IS_ALIGNED((unsigned long)per_cpu_ptr(&own_line, cpu), SMP_CACHE_BYTES));
	return 0;
}

static void __exit percpu_counter_exit(void)
{
	show_traffic();
}

module_init(percpu_counter_init);
module_exit(percpu_counter_exit);
MODULE_DESCRIPTION("Counters in DEFINE_PER_CPU variables");
MODULE_LICENSE("GPL");
