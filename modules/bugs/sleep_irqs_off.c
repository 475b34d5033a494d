// SPDX-License-Identifier: GPL-2.0
/* The page for the dump is allocated with GFP_KERNEL while interrupts are off. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>

static u32 *dump;

static int snapshot(void)
{
	unsigned long flags;

	local_irq_save(flags);
	dump = (u32 *)__get_free_page(GFP_KERNEL);	/* finds: sleep-in-atomic */
	if (dump)
		dump[0] = 0x44554d50;
	local_irq_restore(flags);
	return dump ? 0 : -ENOMEM;
}

static int __init dump_init(void)
{
	int err = snapshot();

	if (!err)
		pr_info("dump %x\n", dump[0]);
	return err;
}

static void __exit dump_exit(void)
{
	free_page((unsigned long)dump);
	pr_info("exit\n");
}

module_init(dump_init);
module_exit(dump_exit);
MODULE_DESCRIPTION("A page with GFP_KERNEL while interrupts are off");
MODULE_LICENSE("GPL");
