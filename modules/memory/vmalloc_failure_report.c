// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel logs when vmalloc() fails, unless __GFP_NOWARN forbids it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static void attempt(const char *what, unsigned long size, gfp_t gfp)
{
	void *mem;

	pr_info("%s:\n", what);
	mem = __vmalloc(size, gfp);	/* finds: bad-argument */
	pr_info("%s\n", mem ? "ok" : "NULL");
	vfree(mem);
}

static int __init vmalloc_failure_report_init(void)
{
	attempt("quietly", 1UL << 40, GFP_KERNEL | __GFP_NOWARN);
	attempt("more than all memory", 1UL << 40, GFP_KERNEL);
	attempt("again within ten seconds", 1UL << 41, GFP_KERNEL);
	attempt("nothing at all", 0, GFP_KERNEL);
	attempt("nothing again", 0, GFP_KERNEL);
	return 0;
}

static void __exit vmalloc_failure_report_exit(void)
{
	pr_info("exit\n");
}

module_init(vmalloc_failure_report_init);
module_exit(vmalloc_failure_report_exit);
MODULE_DESCRIPTION("How failures of vmalloc are reported");
MODULE_LICENSE("GPL");
