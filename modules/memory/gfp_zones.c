// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for devices that cannot address all of it: GFP_DMA and GFP_DMA32.
 *
 * A flag names the highest zone that will do. The page comes from that zone or
 * from a lower one: on a machine with 1 GiB there is no zone Normal at all, and
 * GFP_KERNEL is served from DMA32.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

static int show_page(const char *name, gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);
	phys_addr_t end;

	if (!page)
		return -ENOMEM;
	end = page_to_phys(page) + (PAGE_SIZE << order);
	pr_info("%s, order %u: zone %s (%d), ends below 16 MiB: %d, below 4 GiB: %d\n", name, order,
		page_zone(page)->name, page_zonenum(page), end <= SZ_16M, end <= SZ_4G);
	__free_pages(page, order);
	return 0;
}

static int show_kmalloc(const char *name, gfp_t gfp, size_t size)
{
	void *mem = kmalloc(size, gfp);

	if (!mem)
		return -ENOMEM;
	pr_info("kmalloc(%zu, %s): zone %s, ends below 16 MiB: %d, ksize %zu\n", size, name,
		page_zone(virt_to_page(mem))->name, virt_to_phys(mem) + size <= SZ_16M, ksize(mem));
	kfree(mem);
	return 0;
}

static int __init gfp_zones_init(void)
{
	int err;

	err = show_page("GFP_KERNEL | GFP_DMA", GFP_KERNEL | GFP_DMA, 0);
	if (!err)
		err = show_page("GFP_ATOMIC | GFP_DMA", GFP_ATOMIC | GFP_DMA, 2);
	if (!err)
		err = show_page("GFP_KERNEL | GFP_DMA32", GFP_KERNEL | GFP_DMA32, 0);
	if (!err)
		err = show_page("GFP_KERNEL", GFP_KERNEL, 0);
	if (!err)
		err = show_page("GFP_HIGHUSER", GFP_HIGHUSER, 3);
	if (!err)
		err = show_kmalloc("GFP_KERNEL", GFP_KERNEL, 100);
	if (!err)
		err = show_kmalloc("GFP_KERNEL | GFP_DMA", GFP_KERNEL | GFP_DMA, 100);
	if (!err)
		err = show_kmalloc("GFP_KERNEL | GFP_DMA", GFP_KERNEL | GFP_DMA, 20000);
	return err;
}

static void __exit gfp_zones_exit(void)
{
	pr_info("exit\n");
}

module_init(gfp_zones_init);
module_exit(gfp_zones_exit);
MODULE_DESCRIPTION("Zones that GFP_DMA, GFP_DMA32 and GFP_KERNEL are served from");
MODULE_LICENSE("GPL");
