// SPDX-License-Identifier: GPL-2.0
/* The last entry of the table is logged before the table is freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define ENTRIES 3000

static u32 *table;

static int __init lookup_init(void)
{
	int i;

	table = vmalloc(ENTRIES * sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ENTRIES; i++)
		table[i] = i * i;
	return 0;
}

static void __exit lookup_exit(void)
{
	u32 last;

	last = READ_ONCE(table[ENTRIES - 1]);
	vfree(table);
	pr_info("exit, the last entry was %u\n", last);
}

module_init(lookup_init);
module_exit(lookup_exit);
MODULE_DESCRIPTION("A table that is read after vfree()");
MODULE_LICENSE("GPL");
