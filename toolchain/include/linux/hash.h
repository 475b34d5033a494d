/* Multiplicative hashing by the golden ratio. Linux: include/linux/hash.h */
#pragma once
#include <linux/types.h>
#define GOLDEN_RATIO_32 0x61C88647
#define GOLDEN_RATIO_64 0x61C8864680B583EBull

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * GOLDEN_RATIO_32 >> (32 - bits);
}

static inline u32 hash_64(u64 value, unsigned int bits)
{
	return value * GOLDEN_RATIO_64 >> (64 - bits);
}
#define hash_long(value, bits) hash_64(value, bits)
#define hash_ptr(ptr, bits) hash_long((unsigned long)(ptr), bits)
