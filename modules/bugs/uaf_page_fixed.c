// SPDX-License-Identifier: GPL-2.0
/* The status page is cleared before it is given back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

static u32 *status;

static int __init status_init(void)
{
	status = (u32 *)get_zeroed_page(GFP_KERNEL);
	if (!status)
		return -ENOMEM;
	status[0] = 1;
	pr_info("status %u\n", status[0]);
	return 0;
}

static void __exit status_exit(void)
{
	WRITE_ONCE(status[0], 0);	
	free_page((unsigned long)status);
	pr_info("exit\n");
}

module_init(status_init);
module_exit(status_exit);
MODULE_DESCRIPTION("A page that is written to after it was freed");
MODULE_LICENSE("GPL");
