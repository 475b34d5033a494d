// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/refcount.h>
static refcount_t a = REFCOUNT_INIT(0);
static refcount_t b = REFCOUNT_INIT(1);

static int __init refcount_more_init(void)
{
	refcount_inc(&a);
	refcount_set(&a, INT_MAX);
	pr_info("%d\n", refcount_inc_not_zero(&a));
	pr_info("%d\n", refcount_dec_and_test(&b));
	refcount_dec(&b);
	return 0;
}

static void __exit refcount_more_exit(void)
{
	pr_info("refcount_more: exit\n");
}

module_init(refcount_more_init);
module_exit(refcount_more_exit);
MODULE_LICENSE("GPL");
