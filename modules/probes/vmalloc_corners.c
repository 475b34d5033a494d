// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: vmalloc: nothing, sizes, guard pages, the page behind an address
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static unsigned long zero;
module_param(zero, ulong, 0);

static int __init vmalloc_corners_init(void)
{
	void *p = vmalloc(1), *q = vzalloc(3 * PAGE_SIZE + 1);

	pr_info("of vmalloc %d %d, of kmalloc %d, of NULL %d\n", is_vmalloc_addr(p), is_vmalloc_addr(q), is_vmalloc_addr(THIS_MODULE), is_vmalloc_addr(NULL));
	pr_info("aligned %d, zero %d\n", PAGE_ALIGNED(p), !memchr_inv(q, 0, 3 * PAGE_SIZE + 1));	/* finds: null-deref, when vzalloc fails */
	pr_info("other pages %d\n", vmalloc_to_page(q) != vmalloc_to_page(q + PAGE_SIZE));
	pr_info("pfn %d\n", vmalloc_to_pfn(q) == page_to_pfn(vmalloc_to_page(q)));
	vfree(p);
	vfree(q);
	pr_info("vmalloc(0): %d\n", !vmalloc(zero));	/* finds: bad-argument */
	p = kvmalloc(PAGE_SIZE, GFP_KERNEL);
	q = kvmalloc(16 << 20, GFP_KERNEL);
	pr_info("kvmalloc: small %d, large %d\n", is_vmalloc_addr(p), is_vmalloc_addr(q));
	kvfree(q);
	kvfree(p);
	return 0;
}

static void __exit vmalloc_corners_exit(void)
{
	pr_info("exit\n");
}

module_init(vmalloc_corners_init);
module_exit(vmalloc_corners_exit);
MODULE_DESCRIPTION("vmalloc");
MODULE_LICENSE("GPL");
