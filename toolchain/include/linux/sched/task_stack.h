/* Linux: include/linux/sched/task_stack.h */
#pragma once
#include <linux/sched.h>

static inline void *task_stack_page(const struct task_struct *task)
{
	return task->stack;
}
