// SPDX-License-Identifier: GPL-2.0
/* The page of the descriptor table is freed once. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct page *table_page;
static u64 *table;

static void table_free(void)
{
	free_page((unsigned long)table);
	table_page = NULL;
	table = NULL;
	pr_info("table freed\n");
}

static int __init table_init(void)
{
	table_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!table_page)
		return -ENOMEM;
	table = page_address(table_page);
	table[0] = 1;
	pr_info("%zu entries\n", PAGE_SIZE / sizeof(*table));
	return 0;
}

static void __exit table_exit(void)
{
	table_free();
	pr_info("exit\n");
}

module_init(table_init);
module_exit(table_exit);
MODULE_DESCRIPTION("A page that is given back by its address and by its struct page");
MODULE_LICENSE("GPL");
