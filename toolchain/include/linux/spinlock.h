/* Linux: include/linux/spinlock.h and include/linux/spinlock_api_smp.h */
#pragma once
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rwlock.h>
#include <linux/spinlock_types.h>

#define __RAW_SPIN_LOCK_UNLOCKED(name) (raw_spinlock_t){}
#define __SPIN_LOCK_UNLOCKED(name) (spinlock_t){}
#define DEFINE_SPINLOCK(name) spinlock_t name = {}
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = {}

void _raw_spin_lock(raw_spinlock_t *lock);
void _raw_spin_lock_irq(raw_spinlock_t *lock);
void _raw_spin_lock_bh(raw_spinlock_t *lock);
unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock);
int _raw_spin_trylock(raw_spinlock_t *lock);
int _raw_spin_trylock_bh(raw_spinlock_t *lock);
void _raw_spin_unlock(raw_spinlock_t *lock);
void _raw_spin_unlock_irq(raw_spinlock_t *lock);
void _raw_spin_unlock_bh(raw_spinlock_t *lock);
void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);

#define raw_spin_lock_init(lock) (*(lock) = (raw_spinlock_t){})
#define raw_spin_lock(lock) _raw_spin_lock(lock)
#define raw_spin_unlock(lock) _raw_spin_unlock(lock)
#define raw_spin_lock_irqsave(lock, flags) ((flags) = _raw_spin_lock_irqsave(lock))
#define raw_spin_unlock_irqrestore(lock, flags) _raw_spin_unlock_irqrestore(lock, flags)

#define spin_lock_init(lock) (*(lock) = (spinlock_t){})
#define spin_lock(lock) _raw_spin_lock(&(lock)->rlock)
#define spin_lock_irq(lock) _raw_spin_lock_irq(&(lock)->rlock)
#define spin_lock_bh(lock) _raw_spin_lock_bh(&(lock)->rlock)
#define spin_lock_irqsave(lock, flags) ((flags) = _raw_spin_lock_irqsave(&(lock)->rlock))
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define spin_trylock(lock) _raw_spin_trylock(&(lock)->rlock)
#define spin_trylock_bh(lock) _raw_spin_trylock_bh(&(lock)->rlock)
#define spin_unlock(lock) _raw_spin_unlock(&(lock)->rlock)
#define spin_unlock_irq(lock) _raw_spin_unlock_irq(&(lock)->rlock)
#define spin_unlock_bh(lock) _raw_spin_unlock_bh(&(lock)->rlock)
#define spin_unlock_irqrestore(lock, flags) _raw_spin_unlock_irqrestore(&(lock)->rlock, flags)

static inline int spin_is_locked(spinlock_t *lock)
{
	return lock->rlock.raw_lock.val.counter != 0;
}
#define assert_spin_locked(lock) BUG_ON(!spin_is_locked(lock))
