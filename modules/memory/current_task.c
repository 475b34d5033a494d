// SPDX-License-Identifier: GPL-2.0
/*
 * In whose name init and exit run: current.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uidgid.h>

static void show(void)
{
	unsigned long stack = (unsigned long)task_stack_page(current), here = (unsigned long)&stack;

	pr_info("comm \"%s\", pid > 1: %d, thread group leader: %d, kernel thread: %d\n", current->comm, current->pid > 1,
		current->pid == current->tgid, !!(current->flags & PF_KTHREAD));
	pr_info("uid %u, euid %u, gid %u\n", from_kuid(&init_user_ns, current_uid()),
		from_kuid(&init_user_ns, current_euid()), from_kgid(&init_user_ns, current_gid()));
	pr_info("task_pid_nr agrees: %d, has memory of its own: %d, state %u\n", task_pid_nr(current) == current->pid,
		current->mm != NULL, READ_ONCE(current->__state));
	pr_info("stack of %lu bytes, aligned %d, this variable is on it: %d\n", THREAD_SIZE,
		IS_ALIGNED(stack, PAGE_SIZE), here > stack && here < stack + THREAD_SIZE);
	pr_info("on a CPU that it may run on: %d\n", cpumask_test_cpu(raw_smp_processor_id(), current->cpus_ptr));
}

static int __init current_task_init(void)
{
	show();
	return 0;
}

static void __exit current_task_exit(void)
{
	show();
}

module_init(current_task_init);
module_exit(current_task_exit);
MODULE_DESCRIPTION("The task that runs init and exit");
MODULE_LICENSE("GPL");
