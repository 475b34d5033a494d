/* Linux: include/linux/uaccess.h */
#pragma once
#include <linux/sched.h>

unsigned long _copy_from_user(void *to, const void __user *from, unsigned long bytes);
unsigned long _copy_to_user(void __user *to, const void *from, unsigned long bytes);
long strncpy_from_user(char *to, const char __user *from, long limit);
long strnlen_user(const char __user *text, long limit);
#define copy_from_user(to, from, bytes) _copy_from_user(to, from, bytes)
#define copy_to_user(to, from, bytes) _copy_to_user(to, from, bytes)

static __always_inline void pagefault_disable(void)
{
	current->pagefault_disabled++;
	barrier();
}

static __always_inline void pagefault_enable(void)
{
	barrier();
	current->pagefault_disabled--;
}
#define pagefault_disabled() (current->pagefault_disabled != 0)
