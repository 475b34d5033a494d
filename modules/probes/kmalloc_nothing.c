// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: kmalloc(0), ZERO_SIZE_PTR, NULL in kfree, krealloc to and from nothing
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static size_t zero;
module_param(zero, ulong, 0);

static int __init kmalloc_nothing_init(void)
{
	void *p = kmalloc(zero, GFP_KERNEL), *q;

	pr_info("kmalloc(0) %px, ZERO_OR_NULL %d\n", p, ZERO_OR_NULL_PTR(p));
	pr_info("ksize %zu, of NULL %zu\n", ksize(p), ksize(NULL));
	kfree(p);
	kfree(NULL);
	kfree_sensitive(NULL);
	kvfree(NULL);
	vfree(NULL);
	pr_info("kzalloc(0) %px, kcalloc(0, 8) %px, kvmalloc(0) %px\n", kzalloc(zero, GFP_KERNEL), kcalloc(zero, 8, GFP_KERNEL), kvmalloc(zero, GFP_KERNEL));
	q = krealloc(NULL, 20, GFP_KERNEL);
	pr_info("krealloc(NULL, 20): %zu\n", ksize(q));
	q = krealloc(q, 0, GFP_KERNEL);
	pr_info("krealloc(q, 0): %px\n", q);
	q = krealloc(ZERO_SIZE_PTR, 10, GFP_KERNEL);
	pr_info("krealloc(ZERO_SIZE_PTR, 10): %zu\n", ksize(q));
	kfree(q);
	pr_info("kmemdup of nothing %px, kstrdup(NULL) %px\n", kmemdup("", 0, GFP_KERNEL), kstrdup(NULL, GFP_KERNEL));
	pr_info("kmalloc_array overflow %px\n", kmalloc_array(SIZE_MAX / 2 + zero, 4, GFP_KERNEL));
	return 0;
}

static void __exit kmalloc_nothing_exit(void)
{
	pr_info("exit\n");
}

module_init(kmalloc_nothing_init);
module_exit(kmalloc_nothing_exit);
MODULE_DESCRIPTION("kmalloc(0), ZERO_SIZE_PTR, NULL in kfree, krealloc to and from nothing");
MODULE_LICENSE("GPL");
