/* Linux: include/linux/mutex.h */
#pragma once
#include <linux/list.h>
#include <linux/spinlock_types.h>

struct optimistic_spin_queue {
	atomic_t tail;
};

struct mutex {
	atomic_long_t owner;
	raw_spinlock_t wait_lock;
	struct optimistic_spin_queue osq;
	struct list_head wait_list;
};

struct lock_class_key {
};

#define __MUTEX_INITIALIZER(name) {.wait_list = LIST_HEAD_INIT((name).wait_list)}
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
#define mutex_init(lock) \
	do { \
		static struct lock_class_key abi_key; \
		__mutex_init((lock), #lock, &abi_key); \
	} while (0)
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key);
void mutex_lock(struct mutex *lock);
int __must_check mutex_lock_interruptible(struct mutex *lock);
int __must_check mutex_lock_killable(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);
#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
#define mutex_destroy(lock) ((void)(lock))
