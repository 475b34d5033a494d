// SPDX-License-Identifier: GPL-2.0
/* Eight pages are allocated, and eight are freed: the order is kept beside the address. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

struct dma_area {
	unsigned long address;
	unsigned int order;
};

static struct dma_area area;

static int area_alloc(struct dma_area *a, size_t size)
{
	unsigned int order = get_order(size);

	a->address = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);	
	if (!a->address)
		return -ENOMEM;
	a->order = order;
	pr_info("area of order %u\n", order);
	return 0;
}

static int __init area_init(void)
{
	return area_alloc(&area, 8 * PAGE_SIZE);
}

static void __exit area_exit(void)
{
	free_pages(area.address, area.order);	
	pr_info("exit\n");
}

module_init(area_init);
module_exit(area_exit);
MODULE_DESCRIPTION("Pages that are freed with another order");
MODULE_LICENSE("GPL");
