// SPDX-License-Identifier: GPL-2.0
/* The name fills its buffer to the last byte, and is printed as if a NUL followed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define NAME_SIZE 32

struct entry {
	u32 inode;
	char *name;
};

static struct entry entry;

static int __init entry_init(void)
{
	entry.name = kmalloc(NAME_SIZE, GFP_KERNEL);
	if (!entry.name)
		return -ENOMEM;
	memset(entry.name, 'a', NAME_SIZE);
	pr_info("name %s\n", entry.name);	/* finds: out-of-bounds, checked */
	return 0;
}

static void __exit entry_exit(void)
{
	kfree(entry.name);
	pr_info("exit\n");
}

module_init(entry_init);
module_exit(entry_exit);
MODULE_DESCRIPTION("A string without an end that is printed");
MODULE_LICENSE("GPL");
