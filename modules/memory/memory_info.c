// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory there is, where it lies, and that an allocation takes from it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/topology.h>

#define ORDER 10

static void show_nodes(void)
{
	struct page *page = alloc_pages_node(0, GFP_KERNEL, 0), *any = alloc_pages_node(NUMA_NO_NODE, GFP_KERNEL, 0);

	pr_info("nodes: %d online, this CPU is on node %d\n", num_online_nodes(), numa_node_id());
	if (page)
		pr_info("a page of node 0 is on node %d\n", page_to_nid(page));
	if (any)
		pr_info("a page of any node is on node %d\n", page_to_nid(any));
	if (any)
		__free_page(any);
	if (page)
		__free_page(page);
}

static void show_zones(void)
{
	struct page *low = alloc_page(GFP_KERNEL | GFP_DMA), *high = alloc_page(GFP_KERNEL);

	if (low && high) {
		struct zone *dma = page_zone(low), *other = page_zone(high);

		pr_info("zone %s: starts at page %lu, spans %lu pages\n", dma->name, dma->zone_start_pfn,
			dma->spanned_pages);
		pr_info("zone %s: starts at page %lu, spans up to the end of memory: %d\n", other->name,
			other->zone_start_pfn, zone_end_pfn(other) <= SZ_1G / PAGE_SIZE);
		pr_info("watermarks rise: %d, managed <= present <= spanned: %d\n",
			min_wmark_pages(other) < low_wmark_pages(other) && low_wmark_pages(other) < high_wmark_pages(other),
			zone_managed_pages(other) <= other->present_pages && other->present_pages <= other->spanned_pages);
	}
	if (high)
		__free_page(high);
	if (low)
		__free_page(low);
}

static int show_free(void)
{
	struct sysinfo before, during, after;
	struct page *page;

	si_meminfo(&before);
	page = alloc_pages(GFP_KERNEL, ORDER);
	if (!page)
		return -ENOMEM;
	si_meminfo(&during);
	__free_pages(page, ORDER);
	si_meminfo(&after);
	/* Other CPUs allocate as well, and count in batches: so not exactly. */
	pr_info("1024 pages taken: about as many less are free: %d\n",
		before.freeram - during.freeram > 800 && before.freeram - during.freeram < 1248);
	pr_info("freed: about as many as before: %d\n", abs((long)(after.freeram - before.freeram)) < 224);
	pr_info("total: below 1 GiB %d, above 900 MiB %d, unit %u bytes, high memory %lu\n",
		totalram_pages() < SZ_1G / PAGE_SIZE, totalram_pages() > 900 * (SZ_1M / PAGE_SIZE), before.mem_unit,
		before.totalhigh);
	pr_info("totalram is totalram_pages: %d\n", before.totalram == totalram_pages());
	return 0;
}

static int __init memory_info_init(void)
{
	show_nodes();
	show_zones();
	return show_free();
}

static void __exit memory_info_exit(void)
{
	pr_info("exit\n");
}

module_init(memory_info_init);
module_exit(memory_info_exit);
MODULE_DESCRIPTION("How much memory there is");
MODULE_LICENSE("GPL");
