// SPDX-License-Identifier: GPL-2.0
/* The table is freed before its last entry is logged: what lay there is not mapped any more. */
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

	vfree(table);
	last = READ_ONCE(table[ENTRIES - 1]);	/* finds: use-after-free */
	pr_info("exit, the last entry was %u\n", last);
}

module_init(lookup_init);
module_exit(lookup_exit);
MODULE_DESCRIPTION("A table that is read after vfree()");
MODULE_LICENSE("GPL");
