// SPDX-License-Identifier: GPL-2.0
/* Symbols by name (symbol_get), masks of CPUs on the heap, the FPU, comparing in constant time. */
#include <linux/module.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <crypto/algapi.h>
#include <asm/fpu/api.h>

int symbols_by_name_twice(int x);
int symbols_by_name_twice(int x)
{
	return 2 * x;
}
EXPORT_SYMBOL_GPL(symbols_by_name_twice);
int symbols_by_name_thrice(int x);
int symbols_by_name_thrice(int x)
{
	return 3 * x;
}
EXPORT_SYMBOL(symbols_by_name_thrice);

static int __init symbols_init(void)
{
	int (*twice)(int) = (void *)__symbol_get("synchronize_rcu");
	u8 a[21] = "the same twenty byte", b[21] = "the same twenty byte", c[21];
	cpumask_var_t mask;

	pr_info("kernel's %d\n", twice == (void *)synchronize_rcu);
	symbol_put_addr(twice);
	pr_info("absent %d\n", !__symbol_get("there_is_no_such_symbol"));
	pr_info("for all %d\n", !__symbol_get("kfree"));
	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	cpumask_set_cpu(1, mask);
	pr_info("mask %*pbl subset %d of %*pbl\n", cpumask_pr_args(mask), cpumask_subset(mask, cpu_all_mask), cpumask_pr_args(cpumask_of(1)));
	free_cpumask_var(mask);
	pr_info("usable %d\n", irq_fpu_usable());
	kernel_fpu_begin();
	pr_info("usable %d preemptible %d\n", irq_fpu_usable(), preemptible());
	kernel_fpu_end();
	pr_info("usable %d\n", irq_fpu_usable());
	pr_info("differ %d\n", !!crypto_memneq(a, b, 20));
	b[17] ^= 0x40;
	pr_info("differ %d %lx\n", !!crypto_memneq(a, b, 20), __crypto_memneq(a, b, 20));
	crypto_xor_cpy(c, a, b, 20);
	pr_info("xor %*ph\n", 20, c);
	return 0;
}

static void __exit symbols_exit(void)
{
	int (*twice)(int) = (void *)__symbol_get("symbols_by_name_twice");

	pr_info("while it goes %d\n", !twice);
}

module_init(symbols_init);
module_exit(symbols_exit);
MODULE_LICENSE("GPL");
