/* Interrupts: through the table of paravirtual operations, as the distribution's kernel does. Linux: include/linux/irqflags.h */
#pragma once
#include <linux/compiler.h>

extern char pv_ops[];

/* The functions keep every register but rax. */
#define abi_pv_call(offset) \
	({ \
		unsigned long abi_result; \
		register unsigned long abi_stack __asm__("rsp"); \
		__asm__ __volatile__("call *pv_ops+%c2(%%rip)" \
				     : "=a"(abi_result), "+r"(abi_stack) \
				     : "i"(offset) \
				     : "memory", "cc"); \
		abi_result; \
	})
#define ABI_SAVE_FL ABI_OFFSETOF(paravirt_patch_template, irq_save_fl)
#define ABI_IRQ_DISABLE ABI_OFFSETOF(paravirt_patch_template, irq_irq_disable)
#define ABI_IRQ_ENABLE ABI_OFFSETOF(paravirt_patch_template, irq_irq_enable)
#define local_save_flags(flags) ((flags) = abi_pv_call(ABI_SAVE_FL))
#define local_irq_disable() ((void)abi_pv_call(ABI_IRQ_DISABLE))
#define local_irq_enable() ((void)abi_pv_call(ABI_IRQ_ENABLE))
#define local_irq_save(flags) \
	do { \
		local_save_flags(flags); \
		local_irq_disable(); \
	} while (0)
#define irqs_disabled_flags(flags) (!((flags) & 0x200))
#define irqs_disabled() irqs_disabled_flags(abi_pv_call(ABI_SAVE_FL))
#define local_irq_restore(flags) \
	do { \
		if (!irqs_disabled_flags(flags)) \
			local_irq_enable(); \
	} while (0)
