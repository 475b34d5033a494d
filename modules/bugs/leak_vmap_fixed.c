// SPDX-License-Identifier: GPL-2.0
/* The frame buffer is unmapped before its pages are freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define PAGES 3

static struct page *pages[PAGES];
static char *frame;

static void frame_free(void)
{
	int i;

	vunmap(frame);
	for (i = 0; i < PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int __init frame_init(void)
{
	int i;

	for (i = 0; i < PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		if (!pages[i])
			goto fail;
	}
	frame = vmap(pages, PAGES, VM_MAP, PAGE_KERNEL);	
	if (!frame)
		goto fail;
	memset(frame, 0x55, PAGES * PAGE_SIZE);
	pr_info("frame of %d pages\n", PAGES);
	return 0;
fail:
	frame_free();
	return -ENOMEM;
}

static void __exit frame_exit(void)
{
	frame_free();
	pr_info("exit\n");
}

module_init(frame_init);
module_exit(frame_exit);
MODULE_DESCRIPTION("A mapping that stays");
MODULE_LICENSE("GPL");
