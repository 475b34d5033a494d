// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: free_percpu of what alloc_percpu never gave
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/percpu.h>

static int __init percpu_wrong_init(void)
{
	int __percpu *p = alloc_percpu(int);

	free_percpu(p);
	pr_info("freed\n");
	free_percpu(p);	/* finds: double-free, checked; invalid-free, run */
	pr_info("twice\n");
	return 0;
}

static void __exit percpu_wrong_exit(void)
{
	pr_info("exit\n");
}

module_init(percpu_wrong_init);
module_exit(percpu_wrong_exit);
MODULE_DESCRIPTION("free_percpu of what alloc_percpu never gave");
MODULE_LICENSE("GPL");
