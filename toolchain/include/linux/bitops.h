/* Linux: include/linux/bitops.h and include/linux/find.h */
#pragma once
#include <linux/bits.h>
#include <linux/compiler.h>

static __always_inline void set_bit(long nr, volatile unsigned long *words)
{
	__atomic_fetch_or(words + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static __always_inline void clear_bit(long nr, volatile unsigned long *words)
{
	__atomic_fetch_and(words + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static __always_inline void change_bit(long nr, volatile unsigned long *words)
{
	__atomic_fetch_xor(words + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static __always_inline bool test_and_set_bit(long nr, volatile unsigned long *words)
{
	return __atomic_fetch_or(words + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static __always_inline bool test_and_clear_bit(long nr, volatile unsigned long *words)
{
	return __atomic_fetch_and(words + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static __always_inline bool test_bit(long nr, const volatile unsigned long *words)
{
	return words[BIT_WORD(nr)] & BIT_MASK(nr);
}

static __always_inline void __set_bit(long nr, volatile unsigned long *words)
{
	words[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static __always_inline void __clear_bit(long nr, volatile unsigned long *words)
{
	words[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

/* Numbers of the lowest (ffs: from 1) and the highest bit (fls: from 1). */
#define ffs(x) __builtin_ffs(x)
#define __ffs(x) ((unsigned long)__builtin_ctzl(x))
#define ffz(x) __ffs(~(x))

static __always_inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static __always_inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}
#define __fls(x) ((unsigned long)(63 - __builtin_clzl(x)))
#define fls_long(x) fls64(x)

unsigned int __sw_hweight32(unsigned int w);
unsigned long __sw_hweight64(u64 w);
#define hweight32(w) (__builtin_constant_p(w) ? (unsigned int)__builtin_popcount(w) : __sw_hweight32(w))
#define hweight64(w) (__builtin_constant_p(w) ? (unsigned long)__builtin_popcountll(w) : __sw_hweight64(w))
#define hweight_long(w) hweight64(w)

unsigned long _find_first_bit(const unsigned long *words, unsigned long size);
unsigned long _find_next_bit(const unsigned long *words, unsigned long size, unsigned long start);
unsigned long _find_first_zero_bit(const unsigned long *words, unsigned long size);
unsigned long _find_next_zero_bit(const unsigned long *words, unsigned long size, unsigned long start);
#define find_first_bit(words, size) _find_first_bit(words, size)
#define find_next_bit(words, size, start) _find_next_bit(words, size, start)
#define find_first_zero_bit(words, size) _find_first_zero_bit(words, size)
#define find_next_zero_bit(words, size, start) _find_next_zero_bit(words, size, start)
#define for_each_set_bit(bit, words, size) \
	for ((bit) = find_first_bit((words), (size)); (bit) < (size); (bit) = find_next_bit((words), (size), (bit) + 1))
