// SPDX-License-Identifier: GPL-2.0
/*
 * Which allocation is allowed where: process context and atomic context.
 *
 * GFP_KERNEL may sleep, until memory has been reclaimed. Under a spinlock, with
 * interrupts off or in an interrupt nobody may sleep: GFP_ATOMIC (may use the
 * last reserves) or GFP_NOWAIT (may not) are for these places, and both fail
 * sooner.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static void show_context(const char *where)
{
	pr_info("%s: preempt_count %d, in_atomic %d, in_task %d, in_softirq %d, irqs_disabled %d\n", where,
		preempt_count(), !!in_atomic(), !!in_task(), !!in_softirq(), irqs_disabled());
}

/* May be called from any context. */
static void alloc_and_free(const char *where, gfp_t gfp)
{
	void *mem = kmalloc(200, gfp);
	struct page *page = alloc_page(gfp);

	pr_info("%s, %pGg: kmalloc %s, page %s\n", where, &gfp, mem ? "ok" : "failed", page ? "ok" : "failed");
	if (page)
		__free_page(page);
	kfree(mem);
}

static int __init gfp_context_init(void)
{
	unsigned long flags;

	show_context("process");
	alloc_and_free("process", GFP_KERNEL);
	alloc_and_free("process", GFP_NOIO);
	alloc_and_free("process", GFP_NOFS);
	alloc_and_free("process", GFP_USER);

	spin_lock(&lock);
	show_context("spin_lock");
	alloc_and_free("spin_lock", GFP_ATOMIC);
	alloc_and_free("spin_lock", GFP_NOWAIT);
	spin_unlock(&lock);

	spin_lock_irqsave(&lock, flags);
	show_context("spin_lock_irqsave");
	alloc_and_free("spin_lock_irqsave", GFP_ATOMIC);
	spin_unlock_irqrestore(&lock, flags);

	spin_lock_bh(&lock);
	show_context("spin_lock_bh");
	alloc_and_free("spin_lock_bh", GFP_NOWAIT | __GFP_NOWARN);
	spin_unlock_bh(&lock);

	preempt_disable();
	show_context("preempt_disable");
	preempt_enable();

	show_context("process again");
	return 0;
}

static void __exit gfp_context_exit(void)
{
	show_context("exit");
}

module_init(gfp_context_init);
module_exit(gfp_context_exit);
MODULE_DESCRIPTION("GFP flags for process and atomic context");
MODULE_LICENSE("GPL");
