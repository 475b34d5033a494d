// SPDX-License-Identifier: GPL-2.0
/* The name may point to a default that kmalloc() never gave, and is freed all the same. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static const char *name;

static int set_name(const char *text)
{
	name = text ? kstrdup(text, GFP_KERNEL) : "unnamed";
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
	kfree(name);	/* finds: invalid-free; page-fault */
	pr_info("exit\n");
}

module_init(name_init);
module_exit(name_exit);
MODULE_DESCRIPTION("kfree() of a string that was never allocated");
MODULE_LICENSE("GPL");
