// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU memory at run time: alloc_percpu(), free_percpu().
 *
 * What alloc_percpu() returns is not an address but a cookie: adding the offset
 * of a CPU gives that CPU's copy, which per_cpu_ptr() does. The copies of all
 * per-CPU data of two CPUs are equally far apart.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/string.h>

struct stats {
	u64 reads;
	u64 writes;
	char name[16];
};

static DEFINE_PER_CPU(int, in_image);
static struct stats __percpu *stats;

static void show(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct stats *s = per_cpu_ptr(stats, cpu);

		pr_info("CPU%d: reads %llu, writes %llu, name \"%s\"\n", cpu, s->reads, s->writes, s->name);
	}
}

static int show_alignment(size_t size, size_t align)
{
	void __percpu *mem = __alloc_percpu(size, align);
	int cpu, aligned = 1, zero = 1;

	if (!mem)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		aligned &= IS_ALIGNED((unsigned long)per_cpu_ptr(mem, cpu), align);
		zero &= !memchr_inv(per_cpu_ptr(mem, cpu), 0, size);
		memset(per_cpu_ptr(mem, cpu), 0x77, size);	/* dirty for the next round */
	}
	pr_info("__alloc_percpu(%zu, %zu): aligned %d, zeroed %d\n", size, align, aligned, zero);
	free_percpu(mem);
	return 0;
}

static int __init percpu_dynamic_init(void)
{
	long distance, distance_in_image;
	int cpu;

	stats = alloc_percpu(struct stats);
	if (!stats)
		return -ENOMEM;
	show();
	for_each_possible_cpu(cpu)
		snprintf(per_cpu_ptr(stats, cpu)->name, sizeof(stats->name), "number %d", cpu);
	this_cpu_inc(stats->reads);
	this_cpu_add(stats->writes, 5);
	for_each_possible_cpu(cpu) {
		if (cpu_possible(cpu + 1)) {
			distance = (char *)per_cpu_ptr(stats, cpu + 1) - (char *)per_cpu_ptr(stats, cpu);
			distance_in_image = (char *)per_cpu_ptr(&in_image, cpu + 1) - (char *)per_cpu_ptr(&in_image, cpu);
			pr_info("same distance as static data: %d, as per_cpu_offset: %d\n", distance == distance_in_image,
				distance == per_cpu_offset(cpu + 1) - per_cpu_offset(cpu));
		}
		pr_info("CPU%d: name \"%s\"\n", cpu, per_cpu_ptr(stats, cpu)->name);
	}

	if (show_alignment(8, 8) || show_alignment(100, 64) || show_alignment(100, 64) || show_alignment(4096, 4096)) {
		free_percpu(stats);
		return -ENOMEM;
	}
	free_percpu(NULL);	/* is allowed */
	return 0;
}

static void __exit percpu_dynamic_exit(void)
{
	u64 reads = 0, writes = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		reads += per_cpu_ptr(stats, cpu)->reads;
		writes += per_cpu_ptr(stats, cpu)->writes;
	}
	pr_info("exit: reads %llu, writes %llu\n", reads, writes);
	free_percpu(stats);
}

module_init(percpu_dynamic_init);
module_exit(percpu_dynamic_exit);
MODULE_DESCRIPTION("Per-CPU memory allocated at run time");
MODULE_LICENSE("GPL");
