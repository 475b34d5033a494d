// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/irqflags.h>


static int __init irqs_kept_init(void)
{
	local_irq_disable();
	return 0;
}

static void __exit irqs_kept_exit(void)
{
	pr_info("irqs_kept: exit\n");
}

module_init(irqs_kept_init);
module_exit(irqs_kept_exit);
MODULE_LICENSE("GPL");
