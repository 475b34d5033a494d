// SPDX-License-Identifier: GPL-2.0
/*
 * jiffies: conversions, comparisons that survive the overflow, and that time moves.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>

static void conversions(void)
{
	static const unsigned int times[] = { 0, 1, 3, 4, 5, 1000, 86400000, UINT_MAX };
	int i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		unsigned int time = times[i];

		OPTIMIZER_HIDE_VAR(time);
		pr_info("%u: msecs_to_jiffies %lu, usecs_to_jiffies %lu, jiffies_to_msecs %u, jiffies_to_usecs %u\n", time,
			msecs_to_jiffies(time), usecs_to_jiffies(time), jiffies_to_msecs(time), jiffies_to_usecs(time));
	}
	pr_info("div_u64 %llu, div64_u64 %llu, mul_u64_u64_div_u64 %llu\n", div_u64(1ULL << 40, 1000),
		div64_u64(1ULL << 50, 1ULL << 33), mul_u64_u64_div_u64(1ULL << 40, 1ULL << 40, 1ULL << 30));
}

static void comparisons(void)
{
	unsigned long before = ULONG_MAX - 5, after = 10;

	OPTIMIZER_HIDE_VAR(before);
	pr_info("time_after across the overflow %d, time_before %d, plain comparison %d\n", time_after(after, before),
		time_before(after, before), after > before);
	pr_info("time_after_eq of equals %d, time_in_range %d\n", time_after_eq(after, after), time_in_range(0UL, before, after));
	pr_info("HZ %d, INITIAL_JIFFIES overflows after 5 minutes: %d\n", HZ, (u32)-(int)INITIAL_JIFFIES == 300 * HZ);
}

static void moving(void)
{
	unsigned long start = jiffies, deadline = start + 3;

	while (time_before(jiffies, deadline))
		cpu_relax();
	pr_info("waited for three ticks: jiffies moved %d\n", jiffies - start >= 3);
	pr_info("get_jiffies_64 is about jiffies: %d\n", get_jiffies_64() - start < 1000);
}

static int __init jiffies_convert_init(void)
{
	conversions();
	comparisons();
	moving();
	return 0;
}

static void __exit jiffies_convert_exit(void)
{
	pr_info("exit\n");
}

module_init(jiffies_convert_init);
module_exit(jiffies_convert_exit);
MODULE_DESCRIPTION("Time in jiffies");
MODULE_LICENSE("GPL");
