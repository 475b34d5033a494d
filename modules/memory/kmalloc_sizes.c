// SPDX-License-Identifier: GPL-2.0
/*
 * How many bytes kmalloc(n) really gives: ksize().
 *
 * kmalloc() rounds up to the next of its caches, and from 8193 bytes on to a
 * power of two of pages. Each size at which ksize() changes is one line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

/* ksize of kmalloc(size), or 0. */
static size_t usable(size_t size)
{
	void *mem = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	size_t bytes;

	if (!mem)
		return 0;
	bytes = ksize(mem);
	kfree(mem);
	return bytes;
}

/*
 * Where ksize() is n, a further byte needs the next class: so the classes follow from one another. Under a checker
 * ksize() may be what was asked for; then an eighth more is tried.
 */
static void show_classes(void)
{
	size_t size, bytes;

	for (size = 1; (bytes = usable(size)); size = (bytes > size ? bytes : size + size / 8) + 1)
		pr_info("kmalloc(%zu) to kmalloc(%zu): ksize %zu\n", size, bytes, bytes);
	pr_info("kmalloc(%zu): NULL\n", size);
}

static int show_alignment(size_t size)
{
	void *mem = kmalloc(size, GFP_KERNEL);
	struct page *page;

	if (!mem)
		return -ENOMEM;
	page = virt_to_head_page(mem);
	pr_info("kmalloc(%zu): slab %d, order of its page %u, aligned to the size %d\n", size, !!PageSlab(page),
		compound_order(page), is_power_of_2(size) && IS_ALIGNED((unsigned long)mem, size));
	kfree(mem);
	return 0;
}

static int __init kmalloc_sizes_init(void)
{
	size_t size;
	int err = 0;

	pr_info("KMALLOC_MIN_SIZE %d, KMALLOC_MAX_CACHE_SIZE %lu, KMALLOC_MAX_SIZE %lu\n", KMALLOC_MIN_SIZE,
		KMALLOC_MAX_CACHE_SIZE, KMALLOC_MAX_SIZE);
	pr_info("ARCH_KMALLOC_MINALIGN %zu\n", (size_t)ARCH_KMALLOC_MINALIGN);
	show_classes();
	for (size = 8; size <= 65536 && !err; size *= 2)
		err = show_alignment(size);
	pr_info("kmalloc_size_roundup: 1 -> %zu, 33 -> %zu, 200 -> %zu, 9000 -> %zu\n", kmalloc_size_roundup(1),
		kmalloc_size_roundup(33), kmalloc_size_roundup(200), kmalloc_size_roundup(9000));
	return err;
}

static void __exit kmalloc_sizes_exit(void)
{
	pr_info("exit\n");
}

module_init(kmalloc_sizes_init);
module_exit(kmalloc_sizes_exit);
MODULE_DESCRIPTION("The size classes of kmalloc");
MODULE_LICENSE("GPL");
