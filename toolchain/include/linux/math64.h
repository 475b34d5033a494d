/* 64-bit division, which is one instruction here. Linux: include/linux/math64.h */
#pragma once
#include <linux/math.h>

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *rest)
{
	*rest = dividend % divisor;
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

/* The product has 128 bits; a quotient that does not fit is a divide error. */
static inline u64 mul_u64_u64_div_u64(u64 a, u64 mul, u64 div)
{
	u64 quotient;

	__asm__("mulq %2; divq %3" : "=a"(quotient) : "a"(a), "rm"(mul), "rm"(div) : "rdx");
	return quotient;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return (unsigned __int128)a * mul >> shift;
}
