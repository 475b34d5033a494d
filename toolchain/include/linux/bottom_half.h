/* Linux: include/linux/bottom_half.h */
#pragma once
#include <linux/preempt.h>

void __local_bh_enable_ip(unsigned long ip, unsigned int count);
#define abi_here() ({ __label__ abi_label; abi_label: (unsigned long)&&abi_label; })

static inline void local_bh_disable(void)
{
	raw_cpu_add(__preempt_count, SOFTIRQ_DISABLE_OFFSET);
	barrier();
}

static inline void local_bh_enable(void)
{
	__local_bh_enable_ip(abi_here(), SOFTIRQ_DISABLE_OFFSET);
}
