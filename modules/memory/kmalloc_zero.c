// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing at all: kmalloc(0), ZERO_SIZE_PTR, and what may be given to kfree().
 *
 * kmalloc(0) is neither NULL nor memory, but a pointer that faults when used.
 * So "if (!p)" does not see it, ZERO_OR_NULL_PTR(p) does, and kfree() takes both.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static void show(const char *what, void *mem)
{
	pr_info("%-24s %px: NULL %d, ZERO_SIZE_PTR %d, ZERO_OR_NULL_PTR %d, ksize %zu\n", what, mem, !mem,
		mem == ZERO_SIZE_PTR, ZERO_OR_NULL_PTR(mem), ksize(mem));
	kfree(mem);
}

static int __init kmalloc_zero_init(void)
{
	size_t none = 0;
	void *mem;

	show("kmalloc(0)", kmalloc(0, GFP_KERNEL));
	show("kmalloc(variable 0)", kmalloc(none, GFP_KERNEL));
	show("kzalloc(0)", kzalloc(none, GFP_KERNEL));
	show("kcalloc(0, 8)", kcalloc(none, 8, GFP_KERNEL));
	show("kcalloc(8, 0)", kcalloc(8, none, GFP_KERNEL));
	show("krealloc(NULL, 0)", krealloc(NULL, none, GFP_KERNEL));
	show("kmemdup(\"\", 0)", kmemdup("", none, GFP_KERNEL));

	mem = kmalloc(8, GFP_KERNEL);
	if (!mem)
		return -ENOMEM;
	show("krealloc(mem, 0)", krealloc(mem, none, GFP_KERNEL));	/* frees mem */

	mem = kvmalloc(none, GFP_KERNEL);
	pr_info("kvmalloc(0) is ZERO_SIZE_PTR: %d\n", mem == ZERO_SIZE_PTR);
	kvfree(mem);

	kfree(NULL);
	kfree(ZERO_SIZE_PTR);
	vfree(NULL);
	kvfree(NULL);
	kfree_sensitive(NULL);
	free_page(0);
	pr_info("NULL, 0 and ZERO_SIZE_PTR may be freed\n");
	return 0;
}

static void __exit kmalloc_zero_exit(void)
{
	pr_info("exit\n");
}

module_init(kmalloc_zero_init);
module_exit(kmalloc_zero_exit);
MODULE_DESCRIPTION("Allocations of no bytes");
MODULE_LICENSE("GPL");
