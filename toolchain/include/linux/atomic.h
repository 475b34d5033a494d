/* Atomic integers, by the compiler's own atomics: the same locked instructions. Linux: include/linux/atomic/ */
#pragma once
#include <linux/compiler.h>

#define ATOMIC_INIT(value) {(value)}
#define ATOMIC64_INIT(value) {(value)}
#define ATOMIC_LONG_INIT(value) {(value)}

#define abi_atomic(name, kind, type) \
	static __always_inline type name##_read(const kind *v) { return READ_ONCE(v->counter); } \
	static __always_inline void name##_set(kind *v, type i) { WRITE_ONCE(v->counter, i); } \
	static __always_inline void name##_add(type i, kind *v) { __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST); } \
	static __always_inline void name##_sub(type i, kind *v) { __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST); } \
	static __always_inline void name##_inc(kind *v) { name##_add(1, v); } \
	static __always_inline void name##_dec(kind *v) { name##_sub(1, v); } \
	static __always_inline type name##_add_return(type i, kind *v) \
	{ \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); \
	} \
	static __always_inline type name##_sub_return(type i, kind *v) { return name##_add_return(-i, v); } \
	static __always_inline type name##_inc_return(kind *v) { return name##_add_return(1, v); } \
	static __always_inline type name##_dec_return(kind *v) { return name##_add_return(-1, v); } \
	static __always_inline type name##_fetch_add(type i, kind *v) { return name##_add_return(i, v) - i; } \
	static __always_inline bool name##_inc_and_test(kind *v) { return name##_inc_return(v) == 0; } \
	static __always_inline bool name##_dec_and_test(kind *v) { return name##_dec_return(v) == 0; } \
	static __always_inline bool name##_sub_and_test(type i, kind *v) { return name##_sub_return(i, v) == 0; } \
	static __always_inline bool name##_add_negative(type i, kind *v) { return name##_add_return(i, v) < 0; } \
	static __always_inline void name##_or(type i, kind *v) { __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST); } \
	static __always_inline void name##_and(type i, kind *v) { __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST); } \
	static __always_inline type name##_xchg(kind *v, type fresh) \
	{ \
		return __atomic_exchange_n(&v->counter, fresh, __ATOMIC_SEQ_CST); \
	} \
	static __always_inline type name##_cmpxchg(kind *v, type old, type fresh) \
	{ \
		__atomic_compare_exchange_n(&v->counter, &old, fresh, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
		return old; \
	} \
	static __always_inline bool name##_add_unless(kind *v, type i, type unless) \
	{ \
		type old = name##_read(v); \
		while (old != unless) \
			if (__atomic_compare_exchange_n(&v->counter, &old, old + i, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) \
				return true; \
		return false; \
	} \
	static __always_inline bool name##_inc_not_zero(kind *v) { return name##_add_unless(v, 1, 0); }

abi_atomic(atomic, atomic_t, int)
abi_atomic(atomic64, atomic64_t, s64)
abi_atomic(atomic_long, atomic_long_t, long)

#define xchg(ptr, fresh) __atomic_exchange_n(ptr, fresh, __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, fresh) \
	({ \
		__typeof__(*(ptr)) abi_old = (old); \
		__atomic_compare_exchange_n(ptr, &abi_old, fresh, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
		abi_old; \
	})
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_store_release(ptr, value) __atomic_store_n(ptr, value, __ATOMIC_RELEASE)
#define smp_load_acquire(ptr) __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
