// SPDX-License-Identifier: GPL-2.0
/* The number of entries is not read yet when the table is allocated: vmalloc() of 0 bytes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static unsigned int entries;
static u64 *table;

static void read_header(void)
{
	entries = 512;
}

static int __init header_init(void)
{
	table = vmalloc(array_size(entries, sizeof(*table)));	/* finds: bad-argument */
	if (!table)
		return -ENOMEM;
	read_header();
	pr_info("%u entries\n", entries);
	return 0;
}

static void __exit header_exit(void)
{
	vfree(table);
	pr_info("exit\n");
}

module_init(header_init);
module_exit(header_exit);
MODULE_DESCRIPTION("vmalloc() of nothing");
MODULE_LICENSE("GPL");
