// SPDX-License-Identifier: GPL-2.0
/*
 * krealloc(): growing and shrinking with the contents kept.
 *
 * As long as the new size fits into what ksize() says of the old memory, the
 * memory stays where it is. Otherwise it is copied and the old one freed; on
 * failure the old one stays valid, so never write p = krealloc(p, ...).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

/* How many bytes from the start still hold the pattern that fill() wrote. */
static size_t intact(const u8 *mem, size_t size)
{
	size_t i;

	for (i = 0; i < size && mem[i] == (u8)(i * 7 + 1); i++)
		;
	return i;
}

static void fill(u8 *mem, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		mem[i] = i * 7 + 1;
}

static u8 *resize(u8 *old, size_t old_size, size_t size)
{
	size_t keep = min(old_size, size), usable = ksize(old);
	u8 *mem = krealloc(old, size, GFP_KERNEL);

	if (!mem) {
		kfree(old);
		return NULL;
	}
	pr_info("%zu -> %zu: ksize %zu -> %zu, intact %zu of %zu, in place %d\n", old_size, size, usable,
		ksize(mem), intact(mem, keep), keep, mem == old);
	fill(mem, size);
	return mem;
}

static int __init krealloc_resize_init(void)
{
	static const size_t sizes[] = { 20, 32, 33, 64, 96, 100, 4000, 8192, 8193, 20000, 32768, 5000, 100, 10, 1 };
	size_t size = 10;
	u8 *mem = krealloc(NULL, size, GFP_KERNEL);	/* like kmalloc() */
	int i;

	if (!mem)
		return -ENOMEM;
	fill(mem, size);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		mem = resize(mem, size, sizes[i]);
		if (!mem)
			return -ENOMEM;
		size = sizes[i];
	}

	/* Too much: NULL, and the old memory is untouched. */
	pr_info("krealloc(8 MiB): %s\n", krealloc(mem, 8 << 20, GFP_KERNEL | __GFP_NOWARN) ? "ok" : "NULL");
	pr_info("old memory still intact: %zu\n", intact(mem, size));
	kfree(mem);
	return 0;
}

static void __exit krealloc_resize_exit(void)
{
	pr_info("exit\n");
}

module_init(krealloc_resize_init);
module_exit(krealloc_resize_exit);
MODULE_DESCRIPTION("Memory that is resized by krealloc");
MODULE_LICENSE("GPL");
