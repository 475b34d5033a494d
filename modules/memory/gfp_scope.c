// SPDX-License-Identifier: GPL-2.0
/*
 * Scopes: from memalloc_noio_save() to memalloc_noio_restore() every allocation
 * of this task is made as if with GFP_NOIO, whatever its flags say; NOFS likewise.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static void show(const char *where)
{
	gfp_t kernel = current_gfp_context(GFP_KERNEL), atomic = current_gfp_context(GFP_ATOMIC);
	void *mem = kmalloc(100, GFP_KERNEL);

	pr_info("%s: NOIO %d, NOFS %d: GFP_KERNEL is %pGg, GFP_ATOMIC is %pGg, kmalloc %s\n", where,
		!!(current->flags & PF_MEMALLOC_NOIO), !!(current->flags & PF_MEMALLOC_NOFS), &kernel, &atomic,
		mem ? "ok" : "failed");
	kfree(mem);
}

static int __init gfp_scope_init(void)
{
	unsigned int outer, inner;

	show("outside");
	outer = memalloc_nofs_save();
	show("nofs");
	inner = memalloc_noio_save();
	show("noio in nofs");
	memalloc_noio_restore(inner);
	show("nofs again");
	memalloc_nofs_restore(outer);
	show("outside again");

	outer = memalloc_noio_save();
	inner = memalloc_noio_save();
	memalloc_noio_restore(inner);
	show("after the inner one of two");
	memalloc_noio_restore(outer);
	show("after the outer one");
	return 0;
}

static void __exit gfp_scope_exit(void)
{
	show("exit");
}

module_init(gfp_scope_init);
module_exit(gfp_scope_exit);
MODULE_DESCRIPTION("Allocation scopes of a task");
MODULE_LICENSE("GPL");
