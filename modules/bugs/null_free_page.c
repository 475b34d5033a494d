// SPDX-License-Identifier: GPL-2.0
/* The page for the result is written without a check that there is one. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

static unsigned long result;

static int __init result_init(void)
{
	result = __get_free_page(GFP_KERNEL);
	WRITE_ONCE(*(u64 *)result, 1);	/* finds: null-deref, when __get_free_page fails */
	pr_info("result %llu\n", *(u64 *)result);
	return 0;
}

static void __exit result_exit(void)
{
	free_page(result);
	pr_info("exit\n");
}

module_init(result_init);
module_exit(result_exit);
MODULE_DESCRIPTION("__get_free_page() whose result is not checked");
MODULE_LICENSE("GPL");
