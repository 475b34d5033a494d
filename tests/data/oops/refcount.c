// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/refcount.h>
static refcount_t r = REFCOUNT_INIT(1);

static int __init refcount_init(void)
{
	refcount_dec(&r);
	refcount_inc(&r);
	refcount_set(&r, 1);
	pr_info("%d\n", refcount_dec_and_test(&r));
	pr_info("%d\n", refcount_dec_and_test(&r));
	refcount_set(&r, INT_MAX);
	refcount_inc(&r);
	return 0;
}

static void __exit refcount_exit(void)
{
	pr_info("refcount: exit\n");
}

module_init(refcount_init);
module_exit(refcount_exit);
MODULE_LICENSE("GPL");
