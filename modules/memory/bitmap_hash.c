// SPDX-License-Identifier: GPL-2.0
/*
 * Bitmaps, and a hash table of hlists: data structures that are mostly inline code.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BITS 200

struct entry {
	int key;
	struct hlist_node node;
};

static DEFINE_HASHTABLE(table, 4);

static void show_bitmap(unsigned long *map)
{
	unsigned int bit;
	int n = 0;

	bitmap_set(map, 10, 5);
	bitmap_set(map, 63, 3);
	__set_bit(199, map);
	pr_info("bits [%*pbl], weight %u\n", BITS, map, bitmap_weight(map, BITS));
	pr_info("first %lu, next from 12: %lu, first zero %lu, next zero from 10: %lu, last %lu\n", find_first_bit(map, BITS),
		find_next_bit(map, BITS, 12), find_first_zero_bit(map, BITS), find_next_zero_bit(map, BITS, 10),
		find_last_bit(map, BITS));
	for_each_set_bit(bit, map, BITS)
		n++;
	pr_info("for_each_set_bit: %d, a gap of 50 starts at %lu\n", n, bitmap_find_next_zero_area(map, BITS, 0, 50, 0));
	pr_info("bitmap_find_free_region(8): %d\n", bitmap_find_free_region(map, BITS, 3));
	bitmap_clear(map, 60, 10);
	bitmap_complement(map, map, BITS);
	pr_info("complement: weight %u, empty %d, full %d\n", bitmap_weight(map, BITS), bitmap_empty(map, BITS),
		bitmap_full(map, BITS));
	pr_info("bitmap_parselist: %d", bitmap_parselist("1-3,7,100-110:2/4", map, BITS));
	pr_cont(", bits [%*pbl]\n", BITS, map);
}

static void show_bits(void)
{
	unsigned long word = 0x00f0;

	OPTIMIZER_HIDE_VAR(word);
	pr_info("ffs %d, fls %d, __ffs %lu, __fls %lu, fls64 %d, hweight %lu, ilog2 %d\n", ffs(word), fls(word), __ffs(word),
		__fls(word), fls64(word << 40), hweight_long(word), ilog2(word));
	pr_info("roundup_pow_of_two %lu, rounddown_pow_of_two %lu, is_power_of_2 %d, hash_32 %u, hash_64 %u\n",
		roundup_pow_of_two(word), rounddown_pow_of_two(word), is_power_of_2(word), hash_32(word, 8),
		(unsigned int)hash_64(word, 8));
}

static int show_table(void)
{
	struct entry *entry;
	struct hlist_node *next;
	int i, bucket, n = 0, sum = 0, err = 0;

	for (i = 0; i < 50 && !err; i++) {
		entry = kmalloc(sizeof(*entry), GFP_KERNEL);
		if (!entry) {
			err = -ENOMEM;
			break;
		}
		entry->key = i;
		hash_add(table, &entry->node, i);
	}
	hash_for_each_possible(table, entry, node, 33)
		n += entry->key == 33;
	hash_for_each(table, bucket, entry, node)
		sum += entry->key;
	pr_info("hash table of %d buckets: 33 found %d times, sum %d\n", (int)HASH_SIZE(table), n, sum);
	hash_for_each_safe(table, bucket, next, entry, node) {
		hash_del(&entry->node);
		kfree(entry);
	}
	pr_info("empty %d\n", hash_empty(table));
	return err;
}

static int __init bitmap_hash_init(void)
{
	unsigned long *map = bitmap_zalloc(BITS, GFP_KERNEL);

	if (!map)
		return -ENOMEM;
	show_bitmap(map);
	bitmap_free(map);
	show_bits();
	return show_table();
}

static void __exit bitmap_hash_exit(void)
{
	pr_info("exit\n");
}

module_init(bitmap_hash_init);
module_exit(bitmap_hash_exit);
MODULE_DESCRIPTION("Bitmaps and a hash table");
MODULE_LICENSE("GPL");
