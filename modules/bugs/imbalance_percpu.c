// SPDX-License-Identifier: GPL-2.0
/* The counter is taken with get_cpu_var(), which disables preemption, and never put. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>

static DEFINE_PER_CPU(unsigned int, wakeups);

static void count(void)
{
	get_cpu_var(wakeups)++;
}

static int __init wakeups_init(void)
{	/* finds: atomic-imbalance */
	count();
	pr_info("counted\n");
	return 0;
}

static void __exit wakeups_exit(void)
{
	pr_info("exit\n");
}

module_init(wakeups_init);
module_exit(wakeups_exit);
MODULE_DESCRIPTION("get_cpu_var() without put_cpu_var()");
MODULE_LICENSE("GPL");
