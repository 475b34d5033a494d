/* Linux: include/linux/completion.h and include/linux/swait.h */
#pragma once
#include <linux/list.h>
#include <linux/spinlock_types.h>

struct swait_queue_head {
	raw_spinlock_t lock;
	struct list_head task_list;
};

struct completion {
	unsigned int done;
	struct swait_queue_head wait;
};

#define COMPLETION_INITIALIZER(work) {.wait = {.task_list = LIST_HEAD_INIT((work).wait.task_list)}}
#define DECLARE_COMPLETION(work) struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)
struct lock_class_key;
void __init_swait_queue_head(struct swait_queue_head *queue, const char *name, struct lock_class_key *key);

static inline void init_completion(struct completion *work)
{
	work->done = 0;
	__init_swait_queue_head(&work->wait, "&x->wait", NULL);
}

static inline void reinit_completion(struct completion *work)
{
	work->done = 0;
}
void complete(struct completion *work);
void complete_all(struct completion *work);
void wait_for_completion(struct completion *work);
int wait_for_completion_interruptible(struct completion *work);
unsigned long wait_for_completion_timeout(struct completion *work, unsigned long timeout);
bool try_wait_for_completion(struct completion *work);
bool completion_done(struct completion *work);
