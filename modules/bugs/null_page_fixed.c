// SPDX-License-Identifier: GPL-2.0
/* Without a page, init fails. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct page *page;

static int __init command_init(void)
{
	u32 *words;

	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	words = page_address(page);
	WRITE_ONCE(words[0], 0xc0ffee);	
	pr_info("command %x\n", words[0]);
	return 0;
}

static void __exit command_exit(void)
{
	__free_page(page);
	pr_info("exit\n");
}

module_init(command_init);
module_exit(command_exit);
MODULE_DESCRIPTION("alloc_page() whose result is not checked");
MODULE_LICENSE("GPL");
