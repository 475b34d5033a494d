// SPDX-License-Identifier: GPL-2.0
/* Shrinking the log frees its buffer and clears the pointer, so that exit frees nothing. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define LOG_SIZE (4 * PAGE_SIZE)

static char *log;

static void log_shrink(void)
{
	vfree(log);
	log = NULL;
	pr_info("the log has no buffer now\n");
}

static int __init log_init(void)
{
	log = vzalloc(LOG_SIZE);
	if (!log)
		return -ENOMEM;
	log_shrink();
	return 0;
}

static void __exit log_exit(void)
{
	vfree(log);	
	pr_info("exit\n");
}

module_init(log_init);
module_exit(log_exit);
MODULE_DESCRIPTION("vfree() of an area that is gone already");
MODULE_LICENSE("GPL");
