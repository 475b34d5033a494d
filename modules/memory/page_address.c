// SPDX-License-Identifier: GPL-2.0
/*
 * From a virtual address to its struct page and back.
 *
 * On x86-64 all of physical memory is mapped at PAGE_OFFSET (the direct map),
 * and one struct page for each frame lies in an array, vmemmap. So all of the
 * conversions below are arithmetic; none of them looks anything up.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>

#define ORDER 2

static void show_conversions(unsigned long virt)
{
	struct page *page = virt_to_page(virt);
	unsigned long frame = page_to_pfn(page);

	pr_info("page_address(page) == virt: %d\n", page_address(page) == (void *)virt);
	pr_info("page_to_virt(page) == virt: %d\n", page_to_virt(page) == (void *)virt);
	pr_info("pfn_to_page(page_to_pfn(page)) == page: %d\n", pfn_to_page(frame) == page);
	pr_info("page_to_phys(page) == frame << PAGE_SHIFT: %d\n",
		page_to_phys(page) == (phys_addr_t)frame << PAGE_SHIFT);
	pr_info("virt - PAGE_OFFSET == physical address: %d\n", virt - PAGE_OFFSET == page_to_phys(page));
	pr_info("__va(__pa(virt)) == virt: %d\n", __va(__pa(virt)) == (void *)virt);
	pr_info("virt_addr_valid: %d, pfn_valid: %d\n", virt_addr_valid((void *)virt), pfn_valid(frame));

	/* Any address inside the page leads to the same struct page. */
	pr_info("virt + 100 is in the same page: %d, at offset %lu\n",
		virt_to_page(virt + 100) == page, offset_in_page(virt + 100));
	pr_info("virt + PAGE_SIZE is in the next page: %d\n", virt_to_page(virt + PAGE_SIZE) == page + 1);
}

static void show_block(unsigned long virt)
{
	struct page *page = virt_to_page(virt);
	int i;

	pr_info("sizeof(struct page) = %zu, PAGE_SIZE = %lu\n", sizeof(struct page), PAGE_SIZE);
	for (i = 0; i < 1 << ORDER; i++)
		pr_info("page + %d: %zu bytes further in vmemmap, %lu bytes further in memory\n", i,
			(char *)(page + i) - (char *)page, (unsigned long)page_address(page + i) - virt);
	/* A block of the buddy allocator is aligned to its own size. */
	pr_info("offset of the block in %lu bytes: %lu\n", PAGE_SIZE << ORDER, virt % (PAGE_SIZE << ORDER));
	pr_info("node %d, zone number %d, zone %s\n", page_to_nid(page), page_zonenum(page), page_zone(page)->name);
}

static int __init show_init(void)
{
	unsigned long virt = __get_free_pages(GFP_KERNEL, ORDER);

	if (!virt)
		return -ENOMEM;
	show_conversions(virt);
	show_block(virt);
	free_pages(virt, ORDER);
	return 0;
}

static void __exit show_exit(void)
{
	pr_info("exit\n");
}

module_init(show_init);
module_exit(show_exit);
MODULE_DESCRIPTION("Conversions between addresses, page frames and struct page");
MODULE_LICENSE("GPL");
