// SPDX-License-Identifier: GPL-2.0
/* Locks of all kinds that one task takes and tries, locks at the last reference, loops over jiffies, delays. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include <linux/bit_spinlock.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/refcount.h>
#include <linux/atomic.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

static DEFINE_MUTEX(m);
static DECLARE_RWSEM(rw);
static DEFINE_SEMAPHORE(sem);
static struct semaphore three;
static DEFINE_SPINLOCK(sp);
static DEFINE_RWLOCK(rwl);
static unsigned long word;
static refcount_t rc = REFCOUNT_INIT(2);
static atomic_t at = ATOMIC_INIT(2);

static int __init locks_init(void)
{
	unsigned long flags, end;
	int i, r1, r2, loops = 0;
	ktime_t t0, t1;
	struct rw_semaphore *dyn;
	u8 rnd[64];

	dyn = kmalloc(sizeof(*dyn), GFP_KERNEL);
	if (!dyn)
		return -ENOMEM;
	init_rwsem(dyn);
	down_read(dyn);
	down_read(dyn);
	r1 = down_write_trylock(dyn);
	pr_info("write trylock while read %d locked %d contended %d\n", r1, rwsem_is_locked(dyn), rwsem_is_contended(dyn));
	up_read(dyn);
	up_read(dyn);
	r1 = down_write_trylock(dyn);
	r2 = down_read_trylock(dyn);
	pr_info("write trylock %d read trylock %d\n", r1, r2);
	downgrade_write(dyn);
	r1 = down_read_trylock(dyn);
	r2 = down_write_trylock(dyn);
	pr_info("after downgrade: read %d write %d\n", r1, r2);
	up_read(dyn);
	up_read(dyn);
	r1 = down_write_killable(dyn);
	pr_info("killable %d\n", r1);
	if (!r1)
		up_write(dyn);
	pr_info("locked %d count %lx\n", rwsem_is_locked(dyn), atomic_long_read(&dyn->count));
	kfree(dyn);
	down_write(&rw);
	up_write(&rw);
	down(&sem);
	r1 = down_trylock(&sem);
	up(&sem);
	r2 = down_trylock(&sem);
	up(&sem);
	pr_info("sem %d %d count %u\n", r1, r2, sem.count);
	sema_init(&three, 3);
	for (i = 0; i < 5; i++)
		pr_info("three %d\n", down_trylock(&three));
	r1 = down_timeout(&three, 3);
	pr_info("timeout %d\n", r1);
	for (i = 0; i < 3; i++)
		up(&three);
	r1 = down_interruptible(&three);
	r2 = down_killable(&three);
	pr_info("interruptible %d killable %d left %u\n", r1, r2, three.count);
	mutex_lock(&m);
	pr_info("mutex locked %d trylock %d\n", mutex_is_locked(&m), mutex_trylock(&m));
	mutex_unlock(&m);
	r1 = mutex_lock_interruptible(&m);
	pr_info("interruptible %d\n", r1);
	if (!r1)
		mutex_unlock(&m);
	spin_lock_irqsave(&sp, flags);
	r1 = spin_trylock(&sp);
	pr_info("irqs off %d trylock %d in_atomic %d\n", irqs_disabled(), r1, in_atomic());
	spin_unlock_irqrestore(&sp, flags);
	read_lock(&rwl);
	r1 = read_trylock(&rwl);
	r2 = write_trylock(&rwl);
	read_unlock(&rwl);
	read_unlock(&rwl);
	pr_info("rwlock %d %d\n", r1, r2);
	bit_spin_lock(5, &word);
	r1 = bit_spin_trylock(5, &word);
	pr_info("bit %lx try %d\n", word, r1);
	bit_spin_unlock(5, &word);
	local_irq_disable();
	pr_info("irqs %d\n", irqs_disabled());
	local_irq_enable();
	end = jiffies + msecs_to_jiffies(20);
	while (time_before(jiffies, end)) {
		cpu_relax();
		loops++;
	}
	pr_info("waited: loops>0 %d\n", loops > 0);
	t0 = ktime_get();
	udelay(100);
	mdelay(2);
	ndelay(500);
	t1 = ktime_get();
	pr_info("delay at least 2.1ms %d below 50ms %d\n", ktime_us_delta(t1, t0) >= 2100, ktime_to_ms(ktime_sub(t1, t0)) < 50);
	t0 = t1;
	msleep(10);
	usleep_range(1000, 2000);
	t1 = ktime_get();
	pr_info("slept %d\n", ktime_ms_delta(t1, t0) >= 10);
	pr_info("dec_and_lock %d\n", atomic_dec_and_lock(&at, &sp));
	if (atomic_dec_and_lock(&at, &sp)) {
		pr_info("locked %d\n", spin_is_locked(&sp));
		spin_unlock(&sp);
	}
	pr_info("refcount_dec_and_mutex_lock %d\n", refcount_dec_and_mutex_lock(&rc, &m));
	if (refcount_dec_and_mutex_lock(&rc, &m)) {
		pr_info("mutex %d\n", mutex_is_locked(&m));
		mutex_unlock(&m);
	}
	memset(rnd, 0, sizeof(rnd));
	get_random_bytes(rnd, sizeof(rnd));
	pr_info("random %d below %d\n", !!memchr_inv(rnd, 0, sizeof(rnd)), prandom_u32_max(10) < 10);
	pr_info("u32 %d\n", get_random_u32() != get_random_u32());
	return 0;
}

static void __exit locks_exit(void)
{
	pr_info("exit\n");
}

module_init(locks_init);
module_exit(locks_exit);
MODULE_LICENSE("GPL");
