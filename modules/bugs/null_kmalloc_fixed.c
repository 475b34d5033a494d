// SPDX-License-Identifier: GPL-2.0
/* The result of kmalloc() is checked. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct settings {
	u32 rate;
	u32 depth;
	char name[24];
};

static struct settings *settings;

static int __init settings_init(void)
{
	settings = kmalloc(sizeof(*settings), GFP_KERNEL);
	if (!settings)
		return -ENOMEM;
	settings->rate = 44100;	
	settings->depth = 16;
	strscpy(settings->name, "default", sizeof(settings->name));
	pr_info("%s: %u, %u bits\n", settings->name, settings->rate, settings->depth);
	return 0;
}

static void __exit settings_exit(void)
{
	kfree(settings);
	pr_info("exit\n");
}

module_init(settings_init);
module_exit(settings_exit);
MODULE_DESCRIPTION("kmalloc() whose result is not checked");
MODULE_LICENSE("GPL");
