/* Linux: include/linux/jiffies.h */
#pragma once
#include <abi/jiffies.h> /* HZ */
#include <linux/kernel.h>
#include <linux/time64.h>

extern unsigned long volatile jiffies;
extern u64 jiffies_64;
unsigned int jiffies_to_msecs(unsigned long ticks);
unsigned int jiffies_to_usecs(unsigned long ticks);
unsigned long __msecs_to_jiffies(unsigned int milliseconds);
unsigned long __usecs_to_jiffies(unsigned int microseconds);
#define INITIAL_JIFFIES ((unsigned long)(unsigned int)(-300 * HZ))
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)

static __always_inline unsigned long msecs_to_jiffies(const unsigned int milliseconds)
{
	if (!__builtin_constant_p(milliseconds))
		return __msecs_to_jiffies(milliseconds);
	if ((int)milliseconds < 0)
		return MAX_JIFFY_OFFSET;
	return (milliseconds + (MSEC_PER_SEC / HZ) - 1) / (MSEC_PER_SEC / HZ);
}

static __always_inline unsigned long usecs_to_jiffies(const unsigned int microseconds)
{
	if (!__builtin_constant_p(microseconds))
		return __usecs_to_jiffies(microseconds);
	return (microseconds + (USEC_PER_SEC / HZ) - 1) / (USEC_PER_SEC / HZ);
}

/* Right even when the counter wraps. */
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, first, last) (time_after_eq(a, first) && time_before_eq(a, last))
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)

static inline u64 get_jiffies_64(void)
{
	return jiffies;
}
