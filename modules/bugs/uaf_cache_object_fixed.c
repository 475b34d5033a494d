// SPDX-License-Identifier: GPL-2.0
/* The identifier is noted before the transaction goes back to its cache. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct transaction {
	u32 id;
	u8 payload[92];
};

static struct kmem_cache *transactions;
static u32 last_id;

static int transact(u32 id)
{
	struct transaction *t = kmem_cache_alloc(transactions, GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	memset(t->payload, 0xee, sizeof(t->payload));
	t->id = id;
	last_id = READ_ONCE(t->id);
	kmem_cache_free(transactions, t);
	return 0;
}

static int __init transactions_init(void)
{
	int err;

	transactions = kmem_cache_create("uaf_cache_object_fixed", sizeof(struct transaction), 0, 0, NULL);
	if (!transactions)
		return -ENOMEM;
	err = transact(77);
	if (err)
		kmem_cache_destroy(transactions);
	return err;
}

static void __exit transactions_exit(void)
{
	kmem_cache_destroy(transactions);
	pr_info("exit after transaction %u\n", last_id);
}

module_init(transactions_init);
module_exit(transactions_exit);
MODULE_DESCRIPTION("An object of a cache that is used after it was given back");
MODULE_LICENSE("GPL");
