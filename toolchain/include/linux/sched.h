/* Linux: include/linux/sched.h */
#pragma once
#include <abi/sched.h> /* TASK_* __TASK_* PF_* L: MAX_SCHEDULE_TIMEOUT UL: THREAD_SIZE */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/percpu-defs.h>
#include <linux/smp.h>

struct mm_struct;
struct cred;

ABI_STRUCT(task_struct,
	ABI_MEMBER(task_struct, __state, unsigned int __state)
	ABI_MEMBER(task_struct, stack, void *stack)
	ABI_MEMBER(task_struct, flags, unsigned int flags)
	ABI_MEMBER(task_struct, prio, int prio)
	ABI_MEMBER(task_struct, static_prio, int static_prio)
	ABI_MEMBER(task_struct, mm, struct mm_struct *mm)
	ABI_MEMBER(task_struct, active_mm, struct mm_struct *active_mm)
	ABI_MEMBER(task_struct, exit_code, int exit_code)
	ABI_MEMBER(task_struct, pid, pid_t pid)
	ABI_MEMBER(task_struct, tgid, pid_t tgid)
	ABI_MEMBER(task_struct, real_parent, struct task_struct *real_parent)
	ABI_MEMBER(task_struct, parent, struct task_struct *parent)
	ABI_MEMBER(task_struct, group_leader, struct task_struct *group_leader)
	ABI_MEMBER(task_struct, cred, const struct cred *cred)
	ABI_MEMBER(task_struct, pagefault_disabled, int pagefault_disabled)
	ABI_MEMBER(task_struct, cpus_ptr, const struct cpumask *cpus_ptr)
	ABI_MEMBER(task_struct, comm, char comm[TASK_COMM_LEN])
);

DECLARE_PER_CPU(struct task_struct *, current_task);

static __always_inline struct task_struct *get_current(void)
{
	return raw_cpu_read(current_task);
}
#define current get_current()

void schedule(void);
long schedule_timeout(long timeout);
long schedule_timeout_interruptible(long timeout);
long schedule_timeout_uninterruptible(long timeout);
void yield(void);
int wake_up_process(struct task_struct *task);
int abi_cond_resched(void) __asm__("__SCT__cond_resched");
#define cond_resched() abi_cond_resched()
#define __set_current_state(state) WRITE_ONCE(current->__state, (state))
#define set_current_state(state) ((void)__atomic_exchange_n(&current->__state, (state), __ATOMIC_SEQ_CST))
#define task_pid_nr(task) ((task)->pid)
