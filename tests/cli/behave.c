// SPDX-License-Identifier: GPL-2.0
/* Behaves as it is told: well, or in one of the ways that the command line has to report. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/gfp.h>
#include <linux/netdevice.h>

static char *how = "well";
module_param(how, charp, 0444);

static void *lost;

static noinline void *take(size_t size)
{
	void *p = kmalloc(size, GFP_KERNEL);	/* this line leaks */

	barrier();
	return p;
}

static noinline int gap(void)
{
	int rc = register_netdev(NULL);

	barrier();	/* no tail call: the caller stays on the stack */
	return rc;
}

static int __init behave_init(void)
{
	pr_info("behave %s\n", how);
	if (!strcmp(how, "leak"))
		lost = take(100);
	else if (!strcmp(how, "init-leak"))
		lost = kmalloc(48, GFP_KERNEL);
	else if (!strcmp(how, "fail"))
		return -ENOMEM;
	else if (!strcmp(how, "gap"))
		return gap();
	else if (!strcmp(how, "null"))
		*(volatile int *)8 = 1;
	else if (!strcmp(how, "endless"))
		for (;;)
			barrier();
	else if (!strcmp(how, "panic"))
		panic("told to");
	else if (!strcmp(how, "memory")) {
		kfree(kmalloc(64, GFP_KERNEL));
		free_pages(__get_free_pages(GFP_KERNEL, 2), 2);
	}
	return 0;
}

static void __exit behave_exit(void)
{
	pr_info("leaving\n");
}

module_init(behave_init);
module_exit(behave_exit);
MODULE_LICENSE("GPL");
