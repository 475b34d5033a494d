/* Linux: include/linux/time64.h */
#pragma once
#include <linux/types.h>
#include <abi/time64.h> /* L: NSEC_PER_* USEC_PER_* MSEC_PER_* */

struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};
