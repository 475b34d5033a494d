// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: 64-bit divisions, logarithms, roots
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gcd.h>
#include <linux/kernel.h>
#include <linux/lcm.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/module.h>

static unsigned long seven = 7;
module_param(seven, ulong, 0);

static int __init arithmetic_init(void)
{
	u64 value = 1000000007ULL * 1000003;
	u32 rest = do_div(value, 1000);

	pr_info("%llu %u\n", value, rest);
	pr_info("%llu %lld %llu\n", div_u64(1ULL << 40, 3), div_s64(-7, 2), div64_u64(-1ULL, 1ULL << 33));
	pr_info("%lu %lu %lu %u\n", int_sqrt(0), int_sqrt(99), int_sqrt(ULONG_MAX), int_sqrt64(1ULL << 62));
	pr_info("%lu %lu %lu %lu\n", gcd(12, 18), gcd(0, 5), lcm(4, 6), lcm(0, 5));
	pr_info("%d %d %lu %lu\n", ilog2(seven), order_base_2(seven), roundup_pow_of_two(seven), rounddown_pow_of_two(seven));
	pr_info("%d %d %d\n", is_power_of_2(0), is_power_of_2(64), is_power_of_2(seven));
	pr_info("%d %d %d\n", get_order(1), get_order(4097), get_order(1 << 20));
	pr_info("%ld %ld\n", DIV_ROUND_UP(seven, 2L), DIV_ROUND_CLOSEST(seven, 2L));
	pr_info("%lu %lu\n", round_up(seven, 4), round_down(seven, 4));
	return 0;
}

static void __exit arithmetic_exit(void)
{
	pr_info("exit\n");
}

module_init(arithmetic_init);
module_exit(arithmetic_exit);
MODULE_DESCRIPTION("64-bit divisions, logarithms, roots");
MODULE_LICENSE("GPL");
