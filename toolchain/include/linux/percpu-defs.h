/* Per-CPU variables: a symbol's value is the offset from %gs. Linux: include/linux/percpu-defs.h, arch/x86/include/asm/percpu.h */
#pragma once
#include <linux/cache.h>
#include <linux/compiler.h>

#define DECLARE_PER_CPU(type, name) extern __section(".data..percpu") __typeof__(type) name
#define DEFINE_PER_CPU(type, name) __section(".data..percpu") __typeof__(type) name
#define DECLARE_PER_CPU_ALIGNED(type, name) DECLARE_PER_CPU(type, name) ____cacheline_aligned
#define DEFINE_PER_CPU_ALIGNED(type, name) DEFINE_PER_CPU(type, name) ____cacheline_aligned
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name) DECLARE_PER_CPU_ALIGNED(type, name)
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU_ALIGNED(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name) DEFINE_PER_CPU(type, name)
#define EXPORT_PER_CPU_SYMBOL(name) EXPORT_SYMBOL(name)
#define EXPORT_PER_CPU_SYMBOL_GPL(name) EXPORT_SYMBOL_GPL(name)

/* One instruction on the running CPU's copy: size 1, 2, 4 or 8. */
#define abi_gs(before, operation, after, var, ...) \
	do { \
		switch (sizeof(var)) { \
		case 1: __asm__ __volatile__(operation "b " before "%%gs:%0" after : "+m"(var) __VA_ARGS__); break; \
		case 2: __asm__ __volatile__(operation "w " before "%%gs:%0" after : "+m"(var) __VA_ARGS__); break; \
		case 4: __asm__ __volatile__(operation "l " before "%%gs:%0" after : "+m"(var) __VA_ARGS__); break; \
		default: __asm__ __volatile__(operation "q " before "%%gs:%0" after : "+m"(var) __VA_ARGS__); \
		} \
	} while (0)

/* The integer of var's size: pointers and integers alike travel in it. */
#define abi_word(var) \
	__typeof__(__builtin_choose_expr(sizeof(var) == 1, (u8)0, \
		   __builtin_choose_expr(sizeof(var) == 2, (u16)0, \
		   __builtin_choose_expr(sizeof(var) == 4, (u32)0, (u64)0))))
#define abi_as_word(var, value) ((abi_word(var))(unsigned long)(value))

#define raw_cpu_read(var) \
	({ \
		abi_word(var) abi_read; \
		__asm__ __volatile__("mov %%gs:%1, %0" : "=q"(abi_read) : "m"(var)); \
		(__typeof__(var))(unsigned long)abi_read; \
	})
#define raw_cpu_write(var, value) \
	do { \
		abi_word(var) abi_value = abi_as_word(var, value); \
		__asm__ __volatile__("mov %1, %%gs:%0" : "=m"(var) : "q"(abi_value)); \
	} while (0)
#define abi_cpu_op(operation, var, value) \
	do { \
		abi_word(var) abi_value = abi_as_word(var, value); \
		__asm__ __volatile__(operation " %1, %%gs:%0" : "+m"(var) : "q"(abi_value)); \
	} while (0)
#define abi_cpu_exchange(operation, var, value) \
	({ \
		abi_word(var) abi_value = abi_as_word(var, value); \
		__asm__ __volatile__(operation " %1, %%gs:%0" : "+m"(var), "+q"(abi_value) : : "memory"); \
		(__typeof__(var))(unsigned long)abi_value; \
	})

#define raw_cpu_add(var, value) abi_cpu_op("add", var, value)
#define raw_cpu_sub(var, value) abi_cpu_op("sub", var, value)
#define raw_cpu_and(var, value) abi_cpu_op("and", var, value)
#define raw_cpu_or(var, value) abi_cpu_op("or", var, value)
#define raw_cpu_inc(var) abi_gs("", "inc", "", var)
#define raw_cpu_dec(var) abi_gs("", "dec", "", var)
#define raw_cpu_xchg(var, value) abi_cpu_exchange("xchg", var, value)
#define raw_cpu_add_return(var, value) (abi_cpu_exchange("xadd", var, value) + (__typeof__(var))(value))
#define raw_cpu_cmpxchg(var, old, fresh) \
	({ \
		abi_word(var) abi_old = abi_as_word(var, old), abi_fresh = abi_as_word(var, fresh); \
		__asm__ __volatile__("cmpxchg %2, %%gs:%0" : "+m"(var), "+a"(abi_old) : "q"(abi_fresh) : "memory"); \
		(__typeof__(var))(unsigned long)abi_old; \
	})

#define this_cpu_read(var) raw_cpu_read(var)
#define this_cpu_write(var, value) raw_cpu_write(var, value)
#define this_cpu_add(var, value) raw_cpu_add(var, value)
#define this_cpu_sub(var, value) raw_cpu_sub(var, value)
#define this_cpu_and(var, value) raw_cpu_and(var, value)
#define this_cpu_or(var, value) raw_cpu_or(var, value)
#define this_cpu_inc(var) raw_cpu_inc(var)
#define this_cpu_dec(var) raw_cpu_dec(var)
#define this_cpu_xchg(var, value) raw_cpu_xchg(var, value)
#define this_cpu_cmpxchg(var, old, fresh) raw_cpu_cmpxchg(var, old, fresh)
#define this_cpu_add_return(var, value) raw_cpu_add_return(var, value)
#define this_cpu_sub_return(var, value) raw_cpu_add_return(var, -(__typeof__(var))(value))
#define this_cpu_inc_return(var) raw_cpu_add_return(var, 1)
#define this_cpu_dec_return(var) raw_cpu_add_return(var, -1)
#define __this_cpu_read(var) raw_cpu_read(var)
#define __this_cpu_write(var, value) raw_cpu_write(var, value)
#define __this_cpu_add(var, value) raw_cpu_add(var, value)
#define __this_cpu_sub(var, value) raw_cpu_sub(var, value)
#define __this_cpu_inc(var) raw_cpu_inc(var)
#define __this_cpu_dec(var) raw_cpu_dec(var)
#define __this_cpu_add_return(var, value) raw_cpu_add_return(var, value)
#define __this_cpu_inc_return(var) raw_cpu_add_return(var, 1)
#define __this_cpu_xchg(var, value) raw_cpu_xchg(var, value)

extern unsigned long __per_cpu_offset[];
DECLARE_PER_CPU(unsigned long, this_cpu_off);
#define per_cpu_offset(cpu) (__per_cpu_offset[cpu])

/* The address passes through an empty asm: the compiler must not think that it still points into the variable. */
#define SHIFT_PERCPU_PTR(ptr, offset) \
	({ \
		unsigned long abi_base; \
		__asm__("" : "=r"(abi_base) : "0"(ptr)); \
		(__typeof__(ptr))(abi_base + (offset)); \
	})
#define per_cpu_ptr(ptr, cpu) SHIFT_PERCPU_PTR((ptr), per_cpu_offset(cpu))
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define raw_cpu_ptr(ptr) \
	({ \
		unsigned long abi_here; \
		__asm__ __volatile__("add %%gs:%1, %0" : "=r"(abi_here) : "m"(this_cpu_off), "0"(ptr)); \
		(__typeof__(ptr))abi_here; \
	})
#define this_cpu_ptr(ptr) raw_cpu_ptr(ptr)
#define get_cpu_var(var) (*({ preempt_disable(); this_cpu_ptr(&(var)); }))
#define put_cpu_var(var) \
	do { \
		(void)&(var); \
		preempt_enable(); \
	} while (0)
#define get_cpu_ptr(ptr) ({ preempt_disable(); this_cpu_ptr(ptr); })
#define put_cpu_ptr(ptr) \
	do { \
		(void)(ptr); \
		preempt_enable(); \
	} while (0)
