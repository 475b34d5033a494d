// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: ida and idr: ranges, exhaustion, reuse
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/module.h>

static int __init ida_ranges_init(void)
{
	DEFINE_IDA(ida);
	DEFINE_IDR(idr);
	int n, id;

	for (n = 0; n < 3; n++)
		pr_info("ida %d\n", ida_alloc(&ida, GFP_KERNEL));
	ida_free(&ida, 1);
	pr_info("reused %d\n", ida_alloc(&ida, GFP_KERNEL));
	pr_info("range %d %d %d\n", ida_alloc_range(&ida, 5, 6, GFP_KERNEL), ida_alloc_range(&ida, 5, 6, GFP_KERNEL), ida_alloc_range(&ida, 5, 6, GFP_KERNEL));
	pr_info("min %d max %d\n", ida_alloc_min(&ida, 100, GFP_KERNEL), ida_alloc_max(&ida, 2, GFP_KERNEL));
	ida_destroy(&ida);
	pr_info("empty %d\n", ida_is_empty(&ida));
	for (n = 0; n < 3; n++)
		pr_info("idr %d\n", idr_alloc(&idr, THIS_MODULE, 10, 13, GFP_KERNEL));
	pr_info("full %d\n", idr_alloc(&idr, THIS_MODULE, 10, 13, GFP_KERNEL));
	pr_info("cyclic %d %d\n", idr_alloc_cyclic(&idr, THIS_MODULE, 0, 0, GFP_KERNEL), idr_alloc_cyclic(&idr, THIS_MODULE, 0, 0, GFP_KERNEL));
	pr_info("found %d %d\n", idr_find(&idr, 11) == THIS_MODULE, idr_find(&idr, 99) == NULL);
	pr_info("removed %d %d\n", idr_remove(&idr, 11) == THIS_MODULE, idr_remove(&idr, 11) == NULL);
	id = 0;
	pr_info("next %d %d\n", idr_get_next(&idr, &id) != NULL, id);
	idr_destroy(&idr);
	return 0;
}

static void __exit ida_ranges_exit(void)
{
	pr_info("exit\n");
}

module_init(ida_ranges_init);
module_exit(ida_ranges_exit);
MODULE_DESCRIPTION("ida and idr");
MODULE_LICENSE("GPL");
