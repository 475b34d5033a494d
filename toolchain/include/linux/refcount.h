/* Counts that stop where they would overflow, with a warning. Linux: include/linux/refcount.h */
#pragma once
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n) {.refs = ATOMIC_INIT(n)}
#define REFCOUNT_MAX 0x7fffffff
#define REFCOUNT_SATURATED (-0x40000000)

enum refcount_saturation_type {
	REFCOUNT_ADD_NOT_ZERO_OVF,
	REFCOUNT_ADD_OVF,
	REFCOUNT_ADD_UAF,
	REFCOUNT_SUB_UAF,
	REFCOUNT_DEC_LEAK,
};
void refcount_warn_saturate(refcount_t *count, enum refcount_saturation_type kind);
bool refcount_dec_if_one(refcount_t *count);
bool refcount_dec_not_one(refcount_t *count);
bool refcount_dec_and_mutex_lock(refcount_t *count, struct mutex *lock);
bool refcount_dec_and_lock(refcount_t *count, spinlock_t *lock);

static inline void refcount_set(refcount_t *count, int n)
{
	atomic_set(&count->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *count)
{
	return atomic_read(&count->refs);
}

static inline bool refcount_add_not_zero(int n, refcount_t *count)
{
	int old = refcount_read(count);

	while (old) {
		int seen = atomic_cmpxchg(&count->refs, old, old + n);

		if (seen == old)
			break;
		old = seen;
	}
	if (unlikely(old < 0 || old + n < 0))
		refcount_warn_saturate(count, REFCOUNT_ADD_NOT_ZERO_OVF);
	return old;
}

static inline void refcount_add(int n, refcount_t *count)
{
	int old = atomic_fetch_add(n, &count->refs);

	if (unlikely(!old))
		refcount_warn_saturate(count, REFCOUNT_ADD_UAF);
	else if (unlikely(old < 0 || old + n < 0))
		refcount_warn_saturate(count, REFCOUNT_ADD_OVF);
}

static inline bool refcount_sub_and_test(int n, refcount_t *count)
{
	int old = atomic_fetch_add(-n, &count->refs);

	if (old == n)
		return true;
	if (unlikely(old < 0 || old - n < 0))
		refcount_warn_saturate(count, REFCOUNT_SUB_UAF);
	return false;
}

static inline void refcount_dec(refcount_t *count)
{
	if (unlikely(atomic_fetch_add(-1, &count->refs) <= 1))
		refcount_warn_saturate(count, REFCOUNT_DEC_LEAK);
}
#define refcount_inc(count) refcount_add(1, count)
#define refcount_inc_not_zero(count) refcount_add_not_zero(1, count)
#define refcount_dec_and_test(count) refcount_sub_and_test(1, count)
