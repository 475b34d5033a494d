// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: atomic_t, kref and refcount_t at their edges
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/refcount.h>

static void released(struct kref *ref)
{
	pr_info("released\n");
}

static int __init counters_init(void)
{
	atomic_t a = ATOMIC_INIT(INT_MAX);
	atomic64_t b = ATOMIC64_INIT(-1);
	struct kref ref;
	refcount_t count = REFCOUNT_INIT(1);

	pr_info("%d", atomic_inc_return(&a));
	pr_cont(" %d %d %d\n", atomic_add_negative(1, &a), atomic_dec_and_test(&a), atomic_read(&a));
	pr_info("%d %d", atomic_cmpxchg(&a, INT_MIN, 5), atomic_xchg(&a, 6));
	pr_cont(" %d %d\n", atomic_add_unless(&a, 1, 7), atomic_inc_not_zero(&a));
	pr_info("%d\n", atomic_dec_if_positive(&a));
	pr_info("%lld %d\n", atomic64_inc_return(&b), atomic64_dec_and_test(&b));
	kref_init(&ref);
	kref_get(&ref);
	pr_info("%u", kref_read(&ref));
	pr_cont(" %d", kref_put(&ref, released));
	pr_cont(" %d\n", kref_put(&ref, released));
	pr_info("%d %d\n", refcount_inc_not_zero(&count), refcount_dec_not_one(&count));
	pr_info("%d %u\n", refcount_dec_if_one(&count), refcount_read(&count));
	return 0;
}

static void __exit counters_exit(void)
{
	pr_info("exit\n");
}

module_init(counters_init);
module_exit(counters_exit);
MODULE_DESCRIPTION("atomic_t, kref and refcount_t at their edges");
MODULE_LICENSE("GPL");
