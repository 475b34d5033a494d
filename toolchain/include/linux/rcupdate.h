/* Linux: include/linux/rcupdate.h */
#pragma once
#include <linux/atomic.h>
#include <linux/preempt.h>

void __rcu_read_lock(void);
void __rcu_read_unlock(void);
void synchronize_rcu(void);
void rcu_barrier(void);
void call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head));
#define rcu_read_lock() __rcu_read_lock()
#define rcu_read_unlock() __rcu_read_unlock()
#define rcu_read_lock_sched() preempt_disable()
#define rcu_read_unlock_sched() preempt_enable()
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, value) smp_store_release(&(p), (__typeof__(p))(value))
#define RCU_INIT_POINTER(p, value) WRITE_ONCE(p, value)
