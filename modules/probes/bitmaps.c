// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: bit searches at their ends, bitmaps as text
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/module.h>

static int __init bitmaps_init(void)
{
	DECLARE_BITMAP(map, 130);
	char text[64];

	bitmap_zero(map, 130);
	pr_info("%lu %lu %lu\n", find_first_bit(map, 130), find_first_zero_bit(map, 130), find_next_bit(map, 130, 130));
	__set_bit(0, map);
	__set_bit(64, map);
	__set_bit(129, map);
	pr_info("%lu %lu %lu %lu\n", find_next_bit(map, 130, 1), find_next_bit(map, 130, 65), find_last_bit(map, 130), find_next_zero_bit(map, 130, 64));
	pr_info("%d %d %d\n", bitmap_weight(map, 130), bitmap_empty(map, 130), bitmap_full(map, 130));
	bitmap_set(map, 60, 10);
	scnprintf(text, sizeof(text), "%*pbl", 130, map);
	pr_info("%s\n", text);
	bitmap_clear(map, 62, 3);
	pr_info("%*pbl\n", 130, map);
	pr_info("%d", bitmap_parselist("1-3,7,100-104", map, 130));
	pr_cont(" %*pbl\n", 130, map);
	pr_info("%d %d %d\n", bitmap_parselist("5-3", map, 130), bitmap_parselist("200", map, 130), bitmap_parselist("x", map, 130));
	pr_info("%lu\n", bitmap_find_next_zero_area(map, 130, 0, 20, 0));
	pr_info("%u %u %u %d %d\n", hweight8(0xff), hweight32(0xf0f0), (unsigned int)hweight64(-1ULL), fls(0), ffs(0));
	pr_info("%d %d %lu %d\n", fls(0x80), ffs(0x80), __ffs(0x80), fls64(1ULL << 40));
	return 0;
}

static void __exit bitmaps_exit(void)
{
	pr_info("exit\n");
}

module_init(bitmaps_init);
module_exit(bitmaps_exit);
MODULE_DESCRIPTION("bit searches at their ends, bitmaps as text");
MODULE_LICENSE("GPL");
