// SPDX-License-Identifier: GPL-2.0
/*
 * Zeroed memory: get_zeroed_page(), __GFP_ZERO, kzalloc() and friends.
 *
 * Each round dirties and frees the memory, so that the allocator would most
 * likely hand out the same dirty memory again if it did not clear it. What a
 * page contains that was NOT asked for zeroed is never assumed here.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define ROUNDS 3

/* How many of the bytes from mem on are zero, up to the first that is not. */
static size_t leading_zeroes(const void *mem, size_t size)
{
	const char *other = memchr_inv(mem, 0, size);

	return other ? other - (const char *)mem : size;
}

static int zeroed_page(void)
{
	unsigned long virt;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		virt = get_zeroed_page(GFP_KERNEL);
		if (!virt)
			return -ENOMEM;
		pr_info("get_zeroed_page: %zu zero bytes\n", leading_zeroes((void *)virt, PAGE_SIZE));
		memset((void *)virt, 0xaa, PAGE_SIZE);
		free_page(virt);
	}
	return 0;
}

static int zeroed_block(unsigned int order)
{
	unsigned long virt;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		virt = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
		if (!virt)
			return -ENOMEM;
		pr_info("__GFP_ZERO, order %u: %zu zero bytes\n", order,
			leading_zeroes((void *)virt, PAGE_SIZE << order));
		memset((void *)virt, 0x55, PAGE_SIZE << order);
		free_pages(virt, order);
	}
	return 0;
}

static int zeroed_kmalloc(size_t size)
{
	void *mem;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mem = kzalloc(size, GFP_KERNEL);
		if (!mem)
			return -ENOMEM;
		pr_info("kzalloc(%zu): %zu zero bytes\n", size, leading_zeroes(mem, size));
		memset(mem, 0xff, size);
		kfree(mem);
	}
	return 0;
}

static int __init zeroed_pages_init(void)
{
	int err;

	err = zeroed_page();
	if (!err)
		err = zeroed_block(3);
	if (!err)
		err = zeroed_kmalloc(100);
	if (!err)
		err = zeroed_kmalloc(20000);
	return err;
}

static void __exit zeroed_pages_exit(void)
{
	pr_info("exit\n");
}

module_init(zeroed_pages_init);
module_exit(zeroed_pages_exit);
MODULE_DESCRIPTION("Memory that is asked for zeroed is zero, however dirty it was freed");
MODULE_LICENSE("GPL");
