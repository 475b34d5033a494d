// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: vfree of an address that vmalloc never gave
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static int __init vfree_wrong_init(void)
{
	pr_info("before\n");
	vfree((void *)(VMALLOC_START + 0x100000000UL));	/* finds: invalid-free */
	pr_info("after a hole\n");
	vfree((void *)(VMALLOC_START + 0x100000001UL));	/* finds: invalid-free */
	pr_info("after an unaligned address\n");
	return 0;
}

static void __exit vfree_wrong_exit(void)
{
	pr_info("exit\n");
}

module_init(vfree_wrong_init);
module_exit(vfree_wrong_exit);
MODULE_DESCRIPTION("vfree of an address that vmalloc never gave");
MODULE_LICENSE("GPL");
