// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of bitmap.h on bitmaps of many lengths, and the lists that they are read from.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BITS 320

static unsigned int random = 4711;

static void fill(unsigned long *map)
{
	int i;

	for (i = 0; i < BITS / BITS_PER_LONG; i++) {
		random = random * 1103515245 + 12345;
		map[i] = (unsigned long)random << 31 ^ random * 2654435761UL;
	}
}

static unsigned int hash(const unsigned long *map)
{
	unsigned int i, sum = 2166136261;

	for (i = 0; i < BITS / 8; i++)
		sum = (sum ^ ((const unsigned char *)map)[i]) * 16777619;
	return sum;
}

static void operations(unsigned int n)
{
	DECLARE_BITMAP(a, BITS);
	DECLARE_BITMAP(b, BITS);
	DECLARE_BITMAP(c, BITS);
	DECLARE_BITMAP(mask, BITS);
	unsigned int shift, i;
	int any;

	fill(a);
	fill(b);
	fill(c);
	fill(mask);
	any = bitmap_and(c, a, b, n);
	pr_info("%u bits: and %d %08x", n, any, hash(c));
	any = bitmap_andnot(c, a, b, n);
	pr_cont(", andnot %d %08x", any, hash(c));
	bitmap_or(c, a, b, n);
	pr_cont(", or %08x", hash(c));
	bitmap_xor(c, a, b, n);
	pr_cont(", xor %08x", hash(c));
	bitmap_replace(c, a, b, mask, n);
	pr_cont(", replace %08x", hash(c));
	bitmap_complement(c, a, n);
	pr_cont(", complement %08x\n", hash(c));
	pr_info("%u bits: equal %d %d, intersects %d, subset %d %d, weight %u, weight of both %lu\n", n, bitmap_equal(a, b, n),
		bitmap_equal(a, a, n), bitmap_intersects(a, b, n), bitmap_subset(a, b, n), bitmap_subset(a, a, n),
		bitmap_weight(a, n), (unsigned long)bitmap_weight_and(a, b, n));
	for (i = 0, shift = 0; i < 3; i++, shift += n / 3) {
		bitmap_shift_right(c, a, shift, n);
		pr_info("%u bits: >> %u %08x", n, shift, hash(c));
		bitmap_shift_left(c, a, shift, n);
		pr_cont(", << %08x", hash(c));
		bitmap_cut(c, a, shift, 3, n);
		pr_cont(", cut %08x", hash(c));
		bitmap_set(c, shift, n - shift);
		pr_cont(", set %08x", hash(c));
		bitmap_clear(c, shift / 2, shift);
		pr_cont(", clear %08x\n", hash(c));
	}
}

static void regions(void)
{
	DECLARE_BITMAP(map, BITS) = { 0 };
	int order, i;

	for (order = 0; order < 8; order++)
		pr_info("region of 2^%d: %d %d\n", order, bitmap_find_free_region(map, BITS, order),
			bitmap_find_free_region(map, BITS, order));
	pr_info("hash %08x, allocate %d %d\n", hash(map), bitmap_allocate_region(map, 312, 3),
		bitmap_allocate_region(map, 312, 1));
	bitmap_release_region(map, 128, 6);
	for (i = 1; i <= 64; i *= 4)
		pr_info("a gap of %d: %lu, aligned %lu, with an offset %lu\n", i,
			bitmap_find_next_zero_area(map, BITS, 3, i, 0), bitmap_find_next_zero_area(map, BITS, 3, i, 15),
			bitmap_find_next_zero_area_off(map, BITS, 3, i, 15, 5));
	pr_info("no gap: %lu\n", bitmap_find_next_zero_area(map, BITS, 3, 300, 0));
}

static void lists(void)
{
	static const char *const texts[] = {
		"", "0", "319", "320", "0-319", "5-4", "all", "ALL:1/2", "N", "0-N:3/7", "1,2,3", " 1 , 2\t3 ", "1-3,7,100-110:2/4",
		"1-", "-1", "a", "1a", "1-5:", "1-5:2", "1-5:2/", "1-5:2/0", "1-5:3/2", "1-9:2/4x", "4294967295", "4294967296",
		"99999999999999999999", "7\n8", "1,,2", ",", "all,5", "N-N", "0-9:2/4,all:1/100 300",
	};
	DECLARE_BITMAP(map, BITS);
	int i, result;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		memset(map, 0xff, sizeof(map));
		result = bitmap_parselist(texts[i], map, BITS);
		pr_info("list %d: %d [%*pbl]\n", i, result, BITS, map);
	}
}

static void words(void)
{
	DECLARE_BITMAP(map, BITS);
	u32 array[BITS / 32] = { 1, 0x80000000, 0xffffffff, 3, 4, 5, 6, 7, 8, 9 };

	memset(map, 0xff, sizeof(map));
	bitmap_from_arr32(map, array, 100);
	pr_info("from words: %08x, %lx %lx\n", hash(map), map[0], map[1]);
	bitmap_to_arr32(array, map, 70);
	pr_info("to words: %x %x %x %x\n", array[0], array[1], array[2], array[3]);
}

static int __init lib_bitmap_init(void)
{
	static const int sizes[] = { 65, 100, 128, 200, 255, 256, 320 };
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		operations(sizes[i]);
	regions();
	lists();
	words();
	return 0;
}

static void __exit lib_bitmap_exit(void)
{
}

module_init(lib_bitmap_init);
module_exit(lib_bitmap_exit);
MODULE_LICENSE("GPL");
