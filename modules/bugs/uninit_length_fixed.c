// SPDX-License-Identifier: GPL-2.0
/* The page is cleared, and its count with it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

struct header {
	u16 entries;
	u16 first;
};

static struct header *page;

static noinline void add(u16 value)
{
	u16 *slots = (u16 *)(page + 1);

	if (READ_ONCE(page->entries) > 100)	
		return;
	slots[page->entries++] = value;
}

static int __init header_init(void)
{
	page = (struct header *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	add(7);
	pr_info("added\n");
	return 0;
}

static void __exit header_exit(void)
{
	free_page((unsigned long)page);
	pr_info("exit\n");
}

module_init(header_init);
module_exit(header_exit);
MODULE_DESCRIPTION("A count in a page that nobody has cleared");
MODULE_LICENSE("GPL");
