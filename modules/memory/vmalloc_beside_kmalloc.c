// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc() beside kmalloc().
 *
 * kmalloc() memory lies in the direct map: one piece of physical memory, so
 * virt_to_page() is arithmetic. vmalloc() memory is contiguous to the CPU only:
 * single pages, mapped side by side. Their struct pages are found through the
 * page tables, by vmalloc_to_page(), and virt_to_page() must not be used.
 * Behind each area one page stays unmapped, so that an overrun faults.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define PAGES 16
#define BYTES (PAGES * PAGE_SIZE)

static int variables[2];

static void classify(const char *what, const void *mem)
{
	pr_info("%s: is_vmalloc_addr %d, virt_addr_valid %d, page aligned %d\n", what, is_vmalloc_addr(mem),
		virt_addr_valid(mem), PAGE_ALIGNED((unsigned long)mem));
}

static void show_kmalloc(char *mem)
{
	int i, contiguous = 1;

	for (i = 1; i < PAGES; i++)
		contiguous &= virt_to_page(mem + i * PAGE_SIZE) == virt_to_page(mem) + i;
	classify("kmalloc", mem);
	pr_info("kmalloc: physically contiguous %d\n", contiguous);
}

/* What is written through the area must be found in each page's own place in the direct map. */
static void show_vmalloc(char *mem)
{
	int i, same = 1, distinct = 1, in_order_0 = 1;
	struct page *page;

	for (i = 0; i < PAGES; i++) {
		mem[i * PAGE_SIZE] = 'A' + i;
		page = vmalloc_to_page(mem + i * PAGE_SIZE);
		same &= *(char *)page_address(page) == 'A' + i;
		distinct &= i == 0 || page != vmalloc_to_page(mem + (i - 1) * PAGE_SIZE);
		in_order_0 &= page_count(page) == 1 && !PageCompound(page);
		if (vmalloc_to_pfn(mem + i * PAGE_SIZE) != page_to_pfn(page))
			pr_err("vmalloc_to_pfn differs\n");
	}
	classify("vmalloc", mem);
	pr_info("vmalloc: seen through the direct map as well %d, distinct pages %d, each a single page %d\n", same,
		distinct, in_order_0);
	pr_info("vmalloc: inside VMALLOC_START .. VMALLOC_END: %d\n",
		(unsigned long)mem >= VMALLOC_START && (unsigned long)mem + BYTES <= VMALLOC_END);
}

static int __init vmalloc_beside_kmalloc_init(void)
{
	char *near = kmalloc(BYTES, GFP_KERNEL), *far = vmalloc(BYTES), *zeroed = vzalloc(100000);
	int err = -ENOMEM, local;

	if (near && far && zeroed) {
		show_kmalloc(near);
		show_vmalloc(far);
		classify("a local variable", &local);
		classify("a variable of the module", &variables[1]);
		pr_info("vzalloc: all zero %d\n", !memchr_inv(zeroed, 0, 100000));
		err = 0;
	}
	vfree(zeroed);
	vfree(far);
	kfree(near);
	return err;
}

static void __exit vmalloc_beside_kmalloc_exit(void)
{
	pr_info("exit\n");
}

module_init(vmalloc_beside_kmalloc_init);
module_exit(vmalloc_beside_kmalloc_exit);
MODULE_DESCRIPTION("Virtually and physically contiguous memory");
MODULE_LICENSE("GPL");
