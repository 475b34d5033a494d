// SPDX-License-Identifier: GPL-2.0
/*
 * The relatives of vmalloc(), and of kmalloc() where a node is named.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static void show(const char *what, void *mem, size_t size)
{
	int i, below_4g = 1, nr_pages = PAGE_ALIGN(size) / PAGE_SIZE;

	if (!mem) {
		pr_info("%s: NULL\n", what);
		return;
	}
	for (i = 0; i < nr_pages && is_vmalloc_addr(mem); i++)
		below_4g &= page_to_pfn(vmalloc_to_page(mem + i * PAGE_SIZE)) < SZ_4G / PAGE_SIZE;
	pr_info("%s: %s, page aligned %d, below 4 GiB %d, zero %d\n", what, is_vmalloc_addr(mem) ? "vmalloc" : "kmalloc",	/* finds: uninitialized, filled */
		PAGE_ALIGNED((unsigned long)mem), below_4g, !memchr_inv(mem, 0, size));
	memset(mem, 0x5a, size);
	kvfree(mem);
}

/* Two areas are never neighbours: at least the guard page lies between them. */
static void show_distance(void)
{
	char *a = vmalloc(PAGE_SIZE), *b = vmalloc(3 * PAGE_SIZE), *c = vmalloc(1);

	if (a && b && c)
		pr_info("more than a page apart: %d %d %d\n", abs(b - a) > PAGE_SIZE, abs(c - b) > PAGE_SIZE,
			abs(c - a) > PAGE_SIZE);
	vfree(c);
	vfree(b);
	vfree(a);
}

static int __init vmalloc_variants_init(void)
{
	show("vmalloc(1)", vmalloc(1), 1);
	show("vzalloc(10000)", vzalloc(10000), 10000);
	show("vmalloc_user(8192)", vmalloc_user(8192), 8192);
	show("vmalloc_32(50000)", vmalloc_32(50000), 50000);
	show("vmalloc_32_user(5000)", vmalloc_32_user(5000), 5000);
	show("vmalloc_node(5000, 0)", vmalloc_node(5000, 0), 5000);
	show("vzalloc_node(5000, any)", vzalloc_node(5000, NUMA_NO_NODE), 5000);
	show("vcalloc(1000, 10)", vcalloc(1000, 10), 10000);
	show("vmalloc_array(1000, 10)", vmalloc_array(1000, 10), 10000);
	show("vmalloc_array(overflow)", vmalloc_array(SIZE_MAX / 2, 3), 1);
	show("__vmalloc(GFP_ATOMIC | __GFP_ZERO)", __vmalloc(20000, GFP_ATOMIC | __GFP_ZERO), 20000);
	show("vmalloc(4 MiB)", vmalloc(4 << 20), 4 << 20);
	show("kmalloc_node(4096, 0)", kmalloc_node(4096, GFP_KERNEL, 0), 4096);
	show("kzalloc_node(100000, any)", kzalloc_node(100000, GFP_KERNEL, NUMA_NO_NODE), 100000);
	show("kvzalloc_node(4096, 0)", kvzalloc_node(4096, GFP_KERNEL, 0), 4096);
	show_distance();
	return 0;
}

static void __exit vmalloc_variants_exit(void)
{
	pr_info("exit\n");
}

module_init(vmalloc_variants_init);
module_exit(vmalloc_variants_exit);
MODULE_DESCRIPTION("Variants of vmalloc and kmalloc");
MODULE_LICENSE("GPL");
