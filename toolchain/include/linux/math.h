/* Linux: include/linux/math.h */
#pragma once
#include <linux/types.h>
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((unsigned long long)(n), (d))
#define DIV_ROUND_CLOSEST(n, d) (((n) + (d) / 2) / (d))
#define round_up(x, y) ((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define round_down(x, y) ((x) & ~((__typeof__(x))((y) - 1)))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y) ((x) - ((x) % (y)))
#define abs(x) ({ __typeof__(x) abi_x = (x); abi_x < 0 ? -abi_x : abi_x; })
#define do_div(n, base) \
	({ \
		u32 abi_base = (base), abi_rest = (u64)(n) % abi_base; \
		(n) = (u64)(n) / abi_base; \
		abi_rest; \
	})

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}
unsigned long int_sqrt(unsigned long x);
