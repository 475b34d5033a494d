// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: per-CPU variables: distances, alignment, zeroing, sizes that cannot be had
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

static DEFINE_PER_CPU(int, fixed) = 5;
static size_t more = 1;
module_param(more, ulong, 0);

static int __init percpu_places_init(void)
{
	int __percpu *a = alloc_percpu(int), *b = alloc_percpu(int);
	u64 __percpu *aligned = __alloc_percpu(64, 64);
	int cpu;

	pr_info("static apart %d\n", per_cpu_ptr(&fixed, 1) != per_cpu_ptr(&fixed, 0));
	pr_info("same distance %d\n", (char *)per_cpu_ptr(a, 1) - (char *)per_cpu_ptr(a, 0) ==
		(char *)per_cpu_ptr(&fixed, 1) - (char *)per_cpu_ptr(&fixed, 0));
	pr_info("next to each other %td\n", (char *)b - (char *)a);
	pr_info("aligned %d\n", IS_ALIGNED((unsigned long)per_cpu_ptr(aligned, 1), 64));
	for_each_possible_cpu(cpu)
		pr_info("cpu %d: %d %d\n", cpu, *per_cpu_ptr(a, cpu), per_cpu(fixed, cpu));
	this_cpu_write(fixed, 3);
	this_cpu_inc(fixed);
	pr_info("%d %d\n", this_cpu_read(fixed), this_cpu_add_return(fixed, 10));
	pr_info("possible %u online %u ids %u\n", num_possible_cpus(), num_online_cpus(), nr_cpu_ids);
	pr_info("too large %d\n", !__alloc_percpu_gfp(PCPU_MIN_UNIT_SIZE + more, 8, GFP_KERNEL | __GFP_NOWARN));
	free_percpu(aligned);
	free_percpu(b);
	free_percpu(a);
	free_percpu(NULL);
	return 0;
}

static void __exit percpu_places_exit(void)
{
	pr_info("exit\n");
}

module_init(percpu_places_init);
module_exit(percpu_places_exit);
MODULE_DESCRIPTION("per-CPU variables");
MODULE_LICENSE("GPL");
