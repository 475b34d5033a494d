// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/vmalloc.h>
#include <linux/sched.h>


static int __init vmalloc_irqs_init(void)
{
	void *p = vmalloc(8192);

	preempt_disable();
	schedule();
	preempt_enable();
	vfree(p);
	return 0;
}

static void __exit vmalloc_irqs_exit(void)
{
	pr_info("vmalloc_irqs: exit\n");
}

module_init(vmalloc_irqs_init);
module_exit(vmalloc_irqs_exit);
MODULE_LICENSE("GPL");
