// SPDX-License-Identifier: GPL-2.0
/* Objects of a cache with a constructor, in a hash table, a list that is sorted, and a queue; kref counts their users. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/jhash.h>
#include <linux/stringhash.h>
#include <linux/string.h>
#include <linux/llist.h>

struct item {
	struct kref ref;
	struct hlist_node node;
	struct list_head list;
	struct llist_node ll;
	char *name;
	u32 id;
	u64 serial;
};

static struct kmem_cache *cache;
static DEFINE_HASHTABLE(table, 4);
static LIST_HEAD(all);
static LLIST_HEAD(queue);
static int constructed, released;

static void item_ctor(void *p)
{
	struct item *it = p;

	memset(it, 0, sizeof(*it));
	INIT_LIST_HEAD(&it->list);
	it->serial = 0xfeedfacecafebeefULL;
	constructed++;
}

static void item_release(struct kref *ref)
{
	struct item *it = container_of(ref, struct item, ref);

	pr_info("release %s id %u serial %llx\n", it->name, it->id, it->serial);
	kfree(it->name);
	it->name = NULL;
	hash_del(&it->node);
	list_del_init(&it->list);
	kmem_cache_free(cache, it);
	released++;
}

static struct item *item_new(u32 id)
{
	struct item *it = kmem_cache_alloc(cache, GFP_KERNEL);

	if (!it)
		return ERR_PTR(-ENOMEM);
	if (id == 13) {
		kmem_cache_free(cache, it);
		return ERR_PTR(-EINVAL);
	}
	kref_init(&it->ref);
	it->id = id;
	it->name = kasprintf(GFP_KERNEL, "item-%03u-%s", id, id & 1 ? "odd" : "even");
	if (!it->name) {
		kmem_cache_free(cache, it);
		return ERR_PTR(-ENOMEM);
	}
	hash_add(table, &it->node, jhash_1word(id, 7));
	list_add(&it->list, &all);
	return it;
}

static int by_name_desc(void *priv, const struct list_head *a, const struct list_head *b)
{
	int *calls = priv;

	(*calls)++;
	return strcmp(list_entry(b, struct item, list)->name, list_entry(a, struct item, list)->name);
}

static struct item *lookup(u32 id)
{
	struct item *it;

	hash_for_each_possible(table, it, node, jhash_1word(id, 7))
		if (it->id == id && kref_get_unless_zero(&it->ref))
			return it;
	return NULL;
}

static int __init inv_init(void)
{
	struct item *it, *n;
	struct llist_node *l;
	int i, calls = 0, bkt;

	cache = kmem_cache_create("linked_item", sizeof(struct item), 0, SLAB_HWCACHE_ALIGN, item_ctor);
	if (!cache)
		return -ENOMEM;
	for (i = 0; i < 20; i++) {
		it = item_new(i * 7 % 20);
		if (IS_ERR(it)) {
			pr_info("item %d: %ld %pe\n", i * 7 % 20, PTR_ERR(it), it);
			continue;
		}
		llist_add(&it->ll, &queue);
	}
	pr_info("constructed some: %d\n", constructed >= 20);
	list_sort(&calls, &all, by_name_desc);
	pr_info("sorted, calls %d\n", calls);
	list_for_each_entry(it, &all, list)
		pr_info("%s hash %08x\n", it->name, full_name_hash(NULL, it->name, strlen(it->name)));
	i = 0;
	hash_for_each(table, bkt, it, node)
		pr_info("bucket %d: %s\n", bkt, it->name), i++;
	pr_info("hashed %d, size %d\n", i, (int)HASH_SIZE(table));
	it = lookup(5);
	pr_info("lookup 5: %s refs %u\n", it ? it->name : "none", it ? kref_read(&it->ref) : 0);
	if (it)
		kref_put(&it->ref, item_release);
	pr_info("lookup 55: %p\n", lookup(55));
	l = llist_reverse_order(llist_del_all(&queue));
	llist_for_each_entry(it, l, ll)
		pr_cont(" %u", it->id);
	pr_cont("\n");
	list_for_each_entry_safe(it, n, &all, list)
		if (it->id % 3 == 0)
			kref_put(&it->ref, item_release);
	pr_info("left %d released %d\n", ({ int c = 0; struct list_head *p; list_for_each(p, &all) c++; c; }), released);
	return 0;
}

static void __exit inv_exit(void)
{
	struct item *it, *n;

	list_for_each_entry_safe_reverse(it, n, &all, list)
		kref_put(&it->ref, item_release);
	pr_info("released %d empty %d\n", released, list_empty(&all));
	kmem_cache_destroy(cache);
}

module_init(inv_init);
module_exit(inv_exit);
MODULE_LICENSE("GPL");
