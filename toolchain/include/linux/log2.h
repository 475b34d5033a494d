/* Linux: include/linux/log2.h */
#pragma once
#include <linux/bitops.h>
#define ilog2(n) (63 - __builtin_clzll((unsigned long long)(n)))

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}
#define roundup_pow_of_two(n) ((n) == 1 ? 1 : 1UL << (ilog2((n) - 1) + 1))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#define order_base_2(n) ((n) > 1 ? ilog2((n) - 1) + 1 : 0)
