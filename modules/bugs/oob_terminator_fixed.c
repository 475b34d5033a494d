// SPDX-License-Identifier: GPL-2.0
/* The copy has room for the characters and for the NUL behind them. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *copy;

static char *duplicate(const char *text, size_t length)
{
	char *made = kmalloc(length + 1, GFP_KERNEL);
	size_t i;

	if (!made)
		return NULL;
	for (i = 0; i < length; i++)
		made[i] = text[i];
	made[length] = '\0';	
	return made;
}

static int __init duplicate_init(void)
{
	static const char text[] = "/dev/ttyS0:8N1,no-flow-control!!";

	copy = duplicate(text, strlen(text));
	if (!copy)
		return -ENOMEM;
	pr_info("%zu characters\n", strlen(text));
	return 0;
}

static void __exit duplicate_exit(void)
{
	kfree(copy);	
	pr_info("exit\n");
}

module_init(duplicate_init);
module_exit(duplicate_exit);
MODULE_DESCRIPTION("A byte for the end of the string that was not counted");
MODULE_LICENSE("GPL");
