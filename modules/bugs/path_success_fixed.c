// SPDX-License-Identifier: GPL-2.0
/* Where the table cannot be allocated, init fails. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct table {
	unsigned int used;
	u16 slots[30];
};

static struct table *table;

static int __init table_init(void)
{
	int err = -ENOMEM;

	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		goto out;
	table->used = 2;
	pr_info("%u slots are used\n", table->used);
	err = 0;
out:
	return err;
}

static void __exit table_exit(void)
{
	pr_info("exit, %u slots were used\n", table->used);	
	kfree(table);
}

module_init(table_init);
module_exit(table_exit);
MODULE_DESCRIPTION("A failure that is reported as success");
MODULE_LICENSE("GPL");
