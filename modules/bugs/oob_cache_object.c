// SPDX-License-Identifier: GPL-2.0
/*
 * The cache was made for the old structure; the new one is longer, and its last field lies behind the
 * object.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct record_v1 {
	u64 key;
	u64 value;
};

struct record_v2 {
	struct record_v1 v1;
	u64 checksum;
	u64 generation;
};

static struct kmem_cache *records;
static struct record_v2 *record;

static int __init records_init(void)
{
	records = kmem_cache_create("oob_cache_object", sizeof(struct record_v1), 0, 0, NULL);
	if (!records)
		return -ENOMEM;
	record = kmem_cache_alloc(records, GFP_KERNEL);
	if (!record) {
		kmem_cache_destroy(records);
		return -ENOMEM;
	}
	record->v1.key = 1;
	if (READ_ONCE(record->generation) == 77)	/* finds: out-of-bounds, right */
		pr_info("generation 77\n");
	pr_info("record %llu\n", record->v1.key);
	return 0;
}

static void __exit records_exit(void)
{
	kmem_cache_free(records, record);
	kmem_cache_destroy(records);
	pr_info("exit\n");
}

module_init(records_init);
module_exit(records_exit);
MODULE_DESCRIPTION("A larger structure than its cache has room for");
MODULE_LICENSE("GPL");
