// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: init returns with interrupts off, or preemption disabled
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/preempt.h>

static int how;
module_param(how, int, 0);

static int __init atomic_left_init(void)
{	/* finds: atomic-imbalance */
	if (how)
		preempt_disable();
	else
		local_irq_disable();
	return 0;
}

static void __exit atomic_left_exit(void)
{
	pr_info("exit\n");
}

module_init(atomic_left_init);
module_exit(atomic_left_exit);
MODULE_DESCRIPTION("init returns with interrupts off, or preemption disabled");
MODULE_LICENSE("GPL");
