/* Hash tables of a fixed number of lists. Linux: include/linux/hashtable.h */
#pragma once
#include <linux/hash.h>
#include <linux/list.h>

#define DEFINE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define HASH_SIZE(table) ARRAY_SIZE(table)
#define HASH_BITS(table) ilog2(HASH_SIZE(table))
#define hash_min(value, bits) (sizeof(value) <= 4 ? hash_32(value, bits) : hash_long(value, bits))
#define hash_init(table) \
	do { \
		for (unsigned int abi_n = 0; abi_n < HASH_SIZE(table); abi_n++) \
			INIT_HLIST_HEAD(&(table)[abi_n]); \
	} while (0)
#define hash_add(table, node, key) hlist_add_head(node, &(table)[hash_min(key, HASH_BITS(table))])
#define hash_hashed(node) (!hlist_unhashed(node))
#define hash_del(node) hlist_del_init(node)
#define hash_for_each(table, n, obj, member) \
	for ((n) = 0, obj = NULL; obj == NULL && (n) < HASH_SIZE(table); (n)++) \
		hlist_for_each_entry(obj, &(table)[n], member)
#define hash_for_each_safe(table, n, kept, obj, member) \
	for ((n) = 0, obj = NULL; obj == NULL && (n) < HASH_SIZE(table); (n)++) \
		hlist_for_each_entry_safe(obj, kept, &(table)[n], member)
#define hash_for_each_possible(table, obj, member, key) \
	hlist_for_each_entry(obj, &(table)[hash_min(key, HASH_BITS(table))], member)

static inline bool abi_hash_empty(struct hlist_head *table, unsigned int size)
{
	for (unsigned int n = 0; n < size; n++)
		if (!hlist_empty(&table[n]))
			return false;
	return true;
}
#define hash_empty(table) abi_hash_empty(table, HASH_SIZE(table))
