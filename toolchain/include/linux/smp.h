/* Linux: include/linux/smp.h */
#pragma once
#include <linux/cpumask.h>
#include <linux/percpu-defs.h>
#include <linux/preempt.h>

DECLARE_PER_CPU(int, cpu_number);
#define raw_smp_processor_id() raw_cpu_read(cpu_number)
#define __smp_processor_id() raw_cpu_read(cpu_number)
#define smp_processor_id() raw_smp_processor_id()
#define get_cpu() ({ preempt_disable(); smp_processor_id(); })
#define put_cpu() preempt_enable()
typedef void (*smp_call_func_t)(void *info);
int smp_call_function_single(int cpu, smp_call_func_t function, void *info, int wait);
void on_each_cpu_cond_mask(bool (*condition)(int cpu, void *info), smp_call_func_t function, void *info, bool wait,
			   const struct cpumask *mask);
#define on_each_cpu(function, info, wait) on_each_cpu_cond_mask(NULL, function, info, wait, cpu_online_mask)
