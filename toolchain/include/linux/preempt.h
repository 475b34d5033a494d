/* Linux: include/linux/preempt.h, arch/x86/include/asm/preempt.h */
#pragma once
#include <abi/preempt.h> /* PREEMPT_* SOFTIRQ_* HARDIRQ_* NMI_* */
#include <linux/percpu-defs.h>

DECLARE_PER_CPU(int, __preempt_count);

/* The bit for "need to reschedule" is inverted and no part of the count. */
#define preempt_count() (raw_cpu_read(__preempt_count) & 0x7fffffff)
#define nmi_count() (preempt_count() & NMI_MASK)
#define hardirq_count() (preempt_count() & HARDIRQ_MASK)
#define softirq_count() (preempt_count() & SOFTIRQ_MASK)
#define irq_count() (preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK))
#define in_nmi() nmi_count()
#define in_hardirq() hardirq_count()
#define in_irq() hardirq_count()
#define in_softirq() softirq_count()
#define in_interrupt() irq_count()
#define in_serving_softirq() (softirq_count() & SOFTIRQ_OFFSET)
#define in_task() (!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic() (preempt_count() != 0)
#define preemptible() (preempt_count() == 0 && !irqs_disabled())

#define preempt_disable() \
	do { \
		raw_cpu_inc(__preempt_count); \
		barrier(); \
	} while (0)

/* __SCT__preempt_schedule changes no register: the call is no call to the compiler. */
#define preempt_enable() \
	do { \
		bool abi_due; \
		barrier(); \
		__asm__ __volatile__("decl %%gs:%0" : "+m"(__preempt_count), "=@cce"(abi_due)); \
		if (unlikely(abi_due)) \
			abi_preempt_schedule(); \
	} while (0)
#define preempt_enable_no_resched() \
	do { \
		barrier(); \
		raw_cpu_dec(__preempt_count); \
	} while (0)

static __always_inline void abi_preempt_schedule(void)
{
	register unsigned long stack __asm__("rsp");

	__asm__ __volatile__("call __SCT__preempt_schedule" : "+r"(stack));
}
