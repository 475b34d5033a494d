// SPDX-License-Identifier: GPL-2.0
/*
 * vmap(): pages of one's own, mapped side by side a second time.
 *
 * The same page may be mapped more than once and in any order; what is written
 * through one mapping is read through the others.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define PAGES 4

static struct page *pages[PAGES];

static void free_all(void)
{
	int i;

	for (i = 0; i < PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int show_mapping(void)
{
	struct page *reversed[PAGES] = { pages[3], pages[2], pages[1], pages[0] };
	char *forward, *backward;
	int i;

	forward = vmap(pages, PAGES, VM_MAP, PAGE_KERNEL);
	backward = vmap(reversed, PAGES, VM_MAP, PAGE_KERNEL);
	if (!forward || !backward) {
		vunmap(forward);
		vunmap(backward);
		return -ENOMEM;
	}
	for (i = 0; i < PAGES; i++)
		sprintf(forward + i * PAGE_SIZE, "page %d", i);
	for (i = 0; i < PAGES; i++)
		pr_info("backward, page %d: \"%s\", in the direct map \"%s\"\n", i, backward + i * PAGE_SIZE,
			(char *)page_address(pages[i]));
	memset(forward, 'x', PAGES * PAGE_SIZE);	/* across all page borders */
	pr_info("is_vmalloc_addr %d, vmalloc_to_page is the page %d, overwritten %d\n", is_vmalloc_addr(forward),
		vmalloc_to_page(forward + PAGE_SIZE) == pages[1], !memchr_inv(backward, 'x', PAGES * PAGE_SIZE));
	vunmap(backward);
	vunmap(forward);
	pr_info("count of a page after vunmap: %d\n", page_count(pages[0]));
	return 0;
}

/* The CPU refuses a write here; reading is fine. */
static int show_read_only(void)
{
	char *mem;

	strcpy(page_address(pages[0]), "read only");
	mem = vmap(pages, 1, VM_MAP, PAGE_KERNEL_RO);
	if (!mem)
		return -ENOMEM;
	pr_info("through PAGE_KERNEL_RO: \"%s\"\n", mem);
	vunmap(mem);
	return 0;
}

static int __init vmap_pages_init(void)
{
	int i, err = 0;

	for (i = 0; i < PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		if (!pages[i])
			err = -ENOMEM;
	}
	if (!err)
		err = show_mapping();
	if (!err)
		err = show_read_only();
	free_all();
	return err;
}

static void __exit vmap_pages_exit(void)
{
	pr_info("exit\n");
}

module_init(vmap_pages_init);
module_exit(vmap_pages_exit);
MODULE_DESCRIPTION("Pages mapped by vmap");
MODULE_LICENSE("GPL");
