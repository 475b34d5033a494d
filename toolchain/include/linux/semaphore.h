/* Linux: include/linux/semaphore.h */
#pragma once
#include <linux/list.h>
#include <linux/spinlock_types.h>

struct semaphore {
	raw_spinlock_t lock;
	unsigned int count;
	struct list_head wait_list;
};

#define __SEMAPHORE_INITIALIZER(name, n) {.count = n, .wait_list = LIST_HEAD_INIT((name).wait_list)}
#define DEFINE_SEMAPHORE(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)

static inline void sema_init(struct semaphore *semaphore, int n)
{
	*semaphore = (struct semaphore)__SEMAPHORE_INITIALIZER(*semaphore, n);
}
void down(struct semaphore *semaphore);
int __must_check down_interruptible(struct semaphore *semaphore);
int __must_check down_trylock(struct semaphore *semaphore);
void up(struct semaphore *semaphore);
