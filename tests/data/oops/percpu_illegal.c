// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/percpu.h>


static int __init percpu_illegal_init(void)
{
	pr_info("large: %d\n", __alloc_percpu(1 << 20, 8) != NULL);
	pr_info("align: %d\n", __alloc_percpu(8, 8192) != NULL);
	pr_info("zero: %d\n", __alloc_percpu(0, 8) != NULL);
	pr_info("odd: %d\n", __alloc_percpu(8, 3) != NULL);
	return 0;
}

static void __exit percpu_illegal_exit(void)
{
	pr_info("percpu_illegal: exit\n");
}

module_init(percpu_illegal_init);
module_exit(percpu_illegal_exit);
MODULE_LICENSE("GPL");
