/* Linux: include/linux/ktime.h and include/linux/timekeeping.h */
#pragma once
#include <linux/jiffies.h>

typedef s64 ktime_t;
ktime_t ktime_get(void);
ktime_t ktime_get_with_offset(int clock);
time64_t ktime_get_real_seconds(void);
u64 ktime_get_mono_fast_ns(void);

static inline u64 ktime_get_ns(void)
{
	return ktime_get();
}
#define ktime_get_real() ktime_get_with_offset(0)
#define ktime_get_boottime() ktime_get_with_offset(1)
#define ktime_sub(later, earlier) ((ktime_t)((later) - (earlier)))
#define ktime_to_ns(time) (time)
#define ktime_to_us(time) ((time) / 1000)
#define ktime_to_ms(time) ((time) / 1000000)
