// SPDX-License-Identifier: GPL-2.0
/* Resetting the statistics clears them; they are freed in exit. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>

static unsigned long __percpu *events;

static void events_reset(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		*per_cpu_ptr(events, cpu) = 0;
	pr_info("reset\n");
}

static int __init events_init(void)
{
	events = alloc_percpu(unsigned long);
	if (!events)
		return -ENOMEM;
	this_cpu_inc(*events);
	pr_info("one event\n");
	return 0;
}

static void __exit events_exit(void)
{
	events_reset();
	free_percpu(events);	
	pr_info("exit\n");
}

module_init(events_init);
module_exit(events_exit);
MODULE_DESCRIPTION("Per-CPU memory that is freed twice");
MODULE_LICENSE("GPL");
