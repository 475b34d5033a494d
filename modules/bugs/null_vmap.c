// SPDX-License-Identifier: GPL-2.0
/* The window is written without asking whether vmap() made one. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static struct page *page;
static u32 *window;

static int __init window_init(void)
{
	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	window = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	WRITE_ONCE(window[0], 1);	/* finds: null-deref, when vmap fails */
	pr_info("window %u\n", window[0]);
	return 0;
}

static void __exit window_exit(void)
{
	vunmap(window);
	__free_page(page);
	pr_info("exit\n");
}

module_init(window_init);
module_exit(window_exit);
MODULE_DESCRIPTION("vmap() whose result is not checked");
MODULE_LICENSE("GPL");
