// SPDX-License-Identifier: GPL-2.0
/* The default name is copied as well, so that every name may be freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static const char *name;

static int set_name(const char *text)
{
	name = kstrdup(text ? text : "unnamed", GFP_KERNEL);
	return name ? 0 : -ENOMEM;
}

static int __init name_init(void)
{
	int err = set_name(NULL);

	if (err)
		return err;
	pr_info("name %s\n", name);
	return 0;
}

static void __exit name_exit(void)
{
	kfree(name);	
	pr_info("exit\n");
}

module_init(name_init);
module_exit(name_exit);
MODULE_DESCRIPTION("kfree() of a string that was never allocated");
MODULE_LICENSE("GPL");
