/* Linux: include/linux/delay.h */
#pragma once
#include <linux/sched.h>
void msleep(unsigned int milliseconds);
unsigned long msleep_interruptible(unsigned int milliseconds);
void usleep_range_state(unsigned long shortest, unsigned long longest, unsigned int state);
void __udelay(unsigned long microseconds);
void __ndelay(unsigned long nanoseconds);
void __const_udelay(unsigned long scaled);
#define udelay(n) (__builtin_constant_p(n) ? __const_udelay((n) * 0x10c7UL) : __udelay(n))
#define ndelay(n) (__builtin_constant_p(n) ? __const_udelay((n) * 5UL) : __ndelay(n))
#define mdelay(n) ({ unsigned long abi_left = (n); while (abi_left--) udelay(1000); })
#define usleep_range(shortest, longest) usleep_range_state(shortest, longest, TASK_UNINTERRUPTIBLE)

static inline void ssleep(unsigned int seconds)
{
	msleep(seconds * 1000);
}
