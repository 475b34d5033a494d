// SPDX-License-Identifier: GPL-2.0
/*
 * Locks and atomic operations: what they return, and what they do to preempt_count.
 *
 * A spinlock disables preemption for as long as it is held; a mutex does not,
 * since its owner may sleep.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/rwlock.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(outer);
static DEFINE_SPINLOCK(inner);
static DEFINE_RWLOCK(rwlock);
static DEFINE_MUTEX(mutex);

static void show(const char *what)
{
	pr_info("%s: preempt_count %d, irqs_disabled %d\n", what, preempt_count(), irqs_disabled());
}

static void spinlocks(void)
{
	unsigned long flags;

	spin_lock(&outer);
	spin_lock(&inner);
	show("two spinlocks");
	pr_info("spin_is_locked %d, spin_trylock of a held lock %d\n", spin_is_locked(&inner), spin_trylock(&inner));
	spin_unlock(&inner);
	spin_unlock(&outer);
	pr_info("spin_is_locked %d\n", spin_is_locked(&inner));

	spin_lock_irqsave(&outer, flags);
	spin_lock(&inner);
	show("spin_lock_irqsave and spin_lock");
	spin_unlock(&inner);
	spin_unlock_irqrestore(&outer, flags);
	if (spin_trylock(&outer)) {
		show("spin_trylock");
		spin_unlock(&outer);
	}
	read_lock(&rwlock);
	read_lock(&rwlock);	/* readers share */
	show("two readers");
	pr_info("write_trylock beside readers: %d\n", write_trylock(&rwlock));
	read_unlock(&rwlock);
	read_unlock(&rwlock);
	write_lock(&rwlock);
	pr_info("read_trylock beside a writer: %d\n", read_trylock(&rwlock));
	write_unlock(&rwlock);
	show("all unlocked");
}

static void mutexes(void)
{
	int err;

	mutex_lock(&mutex);
	show("mutex");
	pr_info("mutex_is_locked %d, mutex_trylock %d\n", mutex_is_locked(&mutex), mutex_trylock(&mutex));
	mutex_unlock(&mutex);
	pr_info("mutex_is_locked %d\n", mutex_is_locked(&mutex));
	err = mutex_lock_interruptible(&mutex);
	pr_info("mutex_lock_interruptible %d\n", err);
	if (!err)
		mutex_unlock(&mutex);
}

static void interrupts(void)
{
	unsigned long flags;

	local_irq_disable();
	local_irq_save(flags);
	local_irq_restore(flags);
	show("local_irq_restore within local_irq_disable");
	local_irq_enable();
	rcu_read_lock();
	show("rcu_read_lock");
	rcu_read_unlock();
}

static void atomics(void)
{
	atomic_t count = ATOMIC_INIT(5);
	atomic64_t wide = ATOMIC64_INIT(1LL << 40);
	unsigned long bits = 0;

	atomic_add(10, &count);
	pr_info("atomic_inc_return %d\n", atomic_inc_return(&count));
	pr_info("atomic_fetch_add %d\n", atomic_fetch_add(4, &count));
	pr_info("atomic_sub_and_test %d\n", atomic_sub_and_test(20, &count));
	pr_info("atomic_inc_not_zero of 0: %d\n", atomic_inc_not_zero(&count));
	pr_info("atomic_cmpxchg: %d\n", atomic_cmpxchg(&count, 0, 7));
	pr_info("atomic_cmpxchg of another value: %d\n", atomic_cmpxchg(&count, 0, 9));
	pr_info("atomic_add_unless 7: %d, atomic_read %d\n", atomic_add_unless(&count, 3, 7), atomic_read(&count));
	pr_info("atomic64: %lld\n", atomic64_add_return(5, &wide));
	set_bit(3, &bits);
	pr_info("test_and_set_bit %d\n", test_and_set_bit(5, &bits));
	pr_info("test_and_clear_bit %d\n", test_and_clear_bit(3, &bits));
	pr_info("bits %#lx, find_first_bit %lu\n", bits, find_first_bit(&bits, 64));
}

static int __init locks_basic_init(void)
{
	show("before");
	spinlocks();
	mutexes();
	interrupts();
	atomics();
	show("after");
	return 0;
}

static void __exit locks_basic_exit(void)
{
	pr_info("exit\n");
}

module_init(locks_basic_init);
module_exit(locks_basic_exit);
MODULE_DESCRIPTION("Locks and atomic operations");
MODULE_LICENSE("GPL");
