// SPDX-License-Identifier: GPL-2.0
/* exit enables interrupts again on each of its ways out. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqflags.h>
#include <linux/module.h>

static unsigned int pending;

static int __init line_init(void)
{
	pr_info("nothing pending\n");
	return 0;
}

static void __exit line_exit(void)
{
	unsigned long flags;

	local_irq_save(flags);	
	if (!READ_ONCE(pending)) {
		local_irq_restore(flags);
		return;
	}
	pending = 0;
	local_irq_restore(flags);
}

module_init(line_init);
module_exit(line_exit);
MODULE_DESCRIPTION("Interrupts that stay off");
MODULE_LICENSE("GPL");
